/** `flotilla params grants` over their whole life, more of them than a page has among it. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { define } from '../../../cli/params/grants-command.ts';
import { pointFlotillaAt, printed } from '../../support/command-over-http.ts';
import { openFrontDoor, type FrontDoor } from '../../support/front-door.ts';

let door: FrontDoor;
beforeAll(async () => {
  door = await openFrontDoor();
  pointFlotillaAt(door);
});
afterAll(() => door.close());

/** What the command prints. */
const grants = (...argv: string[]): Promise<string> => printed('params', define, door, ['grants', ...argv]);

test('given, replaced, listed and taken back', async () => {
  const node = 'mi-0123456789abcdef0';
  expect(await grants('list')).toBe('no grants');
  expect(await grants('set', node, '/shop/prod', '/shared')).toBe(`${node} may decrypt below /shared /shop/prod`);
  expect(await grants('set', node, '/shop/prod')).toBe(`${node} may decrypt below /shop/prod`);
  expect(await grants('set', 'all', '/shared')).toBe('all may decrypt below /shared');
  expect(await grants('list')).toBe(`NODE                  PATHS\nall                   /shared\n${node}  /shop/prod`);
  expect(await grants('remove', 'all')).toBe('all is granted nothing');
  expect(JSON.parse(await grants('list', '--json'))).toEqual([{ NodeId: node, Paths: ['/shop/prod'] }]);
});

test('what is no node, and what is no path', async () => {
  await expect(grants('set', 'web-1', '/shop')).rejects.toMatchObject({ code: 'ValidationException' });
  await expect(grants('set', 'all', 'a b')).rejects.toMatchObject({ code: 'ValidationException' });
});

test('all pages are listed', async () => {
  for (let number = 0; number < 130; number++) await grants('set', `mi-${number.toString(16).padStart(17, '0')}`, '/p');
  expect((JSON.parse(await grants('list', '--json')) as object[]).length).toBeGreaterThanOrEqual(130);
});
