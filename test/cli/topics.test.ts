/** `flotilla topics` over its whole life, more topics than a page has among it. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { define } from '../../cli/topics.ts';
import { createTopic } from '../../functions/notifications/topics/topics.ts';
import { pointFlotillaAt, printed } from '../support/command-over-http.ts';
import { openFrontDoor, type FrontDoor } from '../support/front-door.ts';

let door: FrontDoor;
beforeAll(async () => {
  door = await openFrontDoor();
  pointFlotillaAt(door);
});
afterAll(() => door.close());

/** What the command prints. */
const topics = (...argv: string[]): Promise<string> => printed('topics', define, door, [...argv]);

test('made, subscribed to, looked at, unsubscribed and deleted', async () => {
  expect(await topics('list')).toBe('no topics');
  expect(await topics('create', 'deployments')).toBe('arn:aws:sns:us-east-1:123456789012:deployments');
  expect(await topics('list', 'deployments')).toBe('no webhooks');
  const said = await topics('subscribe', 'deployments', 'https://hooks.example.com/a?b=c', '--format', 'sns');
  const [, id = ''] = /^([0-9a-f-]{36}) subscribed\nsecret [\w-]{43}$/.exec(said) ?? [];
  expect(await topics('list', 'deployments')).toContain(
    `${id}  https://hooks.example.com/a?b=c  sns     2026-01-05T09:00:00.000Z  0`,
  );
  expect(await topics('list')).toContain('deployments  arn:aws:sns:us-east-1:123456789012:deployments');
  expect(await topics('unsubscribe', 'deployments', id)).toBe(`${id} unsubscribed`);
  await expect(topics('unsubscribe', 'deployments', id)).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
  expect(await topics('delete', 'deployments')).toBe('deployments deleted');
});

test('all pages are listed', async () => {
  for (let number = 0; number < 130; number++) await createTopic(`topic-${number}`, door.context);
  expect(JSON.parse(await topics('list', '--json'))).toHaveLength(130);
});
