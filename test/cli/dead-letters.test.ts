/** `flotilla dead-letters` over pages of them. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Command } from 'commander';
import { define } from '../../cli/dead-letters.ts';
import { deadLetterName, deadLetterWrites, type DeadLetter } from '../../core/dead-letters.ts';
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
async function deadLetters(...argv: string[]): Promise<string> {
  const lines: string[] = [];
  const print = vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
  const command = new Command('dead-letters').exitOverride().option('--data <folder>', '', door.folder);
  define(command);
  try {
    await command.parseAsync(argv, { from: 'user' });
  } finally {
    print.mockRestore();
  }
  return lines.join('\n');
}

test('lists all pages, replays one and deletes another', async () => {
  expect(await deadLetters('list')).toBe('no dead letters');
  const letters = Array.from({ length: 60 }, (_, at): DeadLetter => ({
    id: `letter-${at}`,
    kind: 'timer',
    timer: { id: `timer-${at}`, kind: 'test.kind', key: 'entity', due: 0, payload: {} },
    attempts: 3,
    error: 'Error: first line\nsecond line',
    failedAt: door.clock.now() + at,
  }));
  for (const letter of letters) await door.state.transact(deadLetterWrites(letter));
  const listed = await deadLetters('list');
  expect(listed.split('\n')).toHaveLength(61);
  expect(listed).toContain('3         timer test.kind of entity  Error: first line');
  expect(listed).not.toContain('second line');

  const [first, second] = letters.map(deadLetterName);
  expect(await deadLetters('replay', first ?? '')).toBe(`${first} replayed`);
  expect(await deadLetters('delete', second ?? '')).toBe(`${second} deleted`);
  const rest = JSON.parse(await deadLetters('list', '--json')) as { Id: string }[];
  expect(rest.map((letter) => letter.Id)).toEqual(letters.slice(2).map(deadLetterName));
  await expect(deadLetters('replay', first ?? '')).rejects.toMatchObject({
    code: 'ResourceNotFoundException',
    status: 404,
  });
});
