/** `flotilla topics` over its whole life, more topics than a page has among it. */
import { Command } from 'commander';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { define } from '../../cli/topics.ts';
import { createTopic } from '../../functions/notifications/topics/topics.ts';
import { openFrontDoor, type FrontDoor } from '../support/front-door.ts';

let door: FrontDoor;
beforeAll(async () => {
  door = await openFrontDoor();
  vi.stubEnv('FLOTILLA_ENDPOINT', door.endpoint);
  vi.stubEnv('FLOTILLA_ACCESS_KEY_ID', door.credentials.accessKeyId);
  vi.stubEnv('FLOTILLA_SECRET_ACCESS_KEY', door.credentials.secretAccessKey);
});
afterAll(() => door.close());

/** What the command prints. */
async function topics(...argv: string[]): Promise<string> {
  const lines: string[] = [];
  const print = vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
  const command = new Command('topics').exitOverride().option('--data <folder>', '', door.folder);
  define(command);
  try {
    await command.parseAsync(argv, { from: 'user' });
  } finally {
    print.mockRestore();
  }
  return lines.join('\n');
}

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
