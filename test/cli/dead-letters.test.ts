/** `flotilla dead-letters` over pages of them. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { define } from '../../cli/dead-letters.ts';
import { deadLetterName, deadLetterWrites, type DeadLetter } from '../../core/dead-letters.ts';
import { pointFlotillaAt, printed } from '../support/command-over-http.ts';
import { openFrontDoor, type FrontDoor } from '../support/front-door.ts';

let door: FrontDoor;
beforeAll(async () => {
  door = await openFrontDoor();
  pointFlotillaAt(door);
});
afterAll(() => door.close());

/** What the command prints. */
const deadLetters = (...argv: string[]): Promise<string> => printed('dead-letters', define, door, [...argv]);

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
