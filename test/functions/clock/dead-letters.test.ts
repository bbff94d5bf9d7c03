import { afterEach, beforeEach, expect, test } from 'vitest';
import { deadLetterName, deadLetterPartition, deadLetterWrites, type DeadLetter } from '../../../core/dead-letters.ts';
import { InvalidNextToken, ValidationException } from '../../../core/errors.ts';
import type { OutgoingEvent } from '../../../core/events.ts';
import { timerKey, type Timer } from '../../../core/timers.ts';
import {
  DeadLetterNotFound,
  deleteDeadLetter,
  extensions,
  listDeadLetters,
  replayDeadLetter,
} from '../../../functions/clock/dead-letters.ts';
import { startDispatcher } from '../../../local/dispatcher.ts';
import { testContext, type TestContext } from '../../support/context.ts';
import { recordingRoute } from '../../support/recording-route.ts';

let flotilla: TestContext;
beforeEach(() => {
  flotilla = testContext();
});
afterEach(() => flotilla.close());

const event: OutgoingEvent = { id: 'e1', detailType: 'Test', time: 0, resources: [], detail: { status: 'Failed' } };
const eventLetter = (place = 0): DeadLetter => ({
  kind: 'event',
  id: `letter-${place}`,
  route: 'hard',
  event,
  failedAt: flotilla.clock.now() + place,
  attempts: 6,
  error: 'Error: no',
});
const timer: Timer = {
  id: 'watch#mi-1',
  kind: 'watch',
  key: 'mi-1',
  due: Date.UTC(2026, 0, 1),
  payload: { n: 1 },
  attempts: 0,
};
const timerLetter = (): DeadLetter => ({
  kind: 'timer',
  id: 'letter-t',
  timer,
  failedAt: flotilla.clock.now(),
  attempts: 6,
  error: 'Error: no',
});
const keep = async (letter: DeadLetter): Promise<string> => {
  await flotilla.state.transact(deadLetterWrites(letter));
  return deadLetterName(letter);
};

test('they are listed oldest first, in pages, each with what failed and why', async () => {
  const now = flotilla.clock.now();
  for (let place = 119; place >= 0; place--) await keep(eventLetter(place));
  const names: string[] = [];
  let token: string | undefined;
  do {
    const page = await listDeadLetters(flotilla.context, token);
    names.push(...page.DeadLetters.map(({ Id }) => Id));
    token = page.NextToken;
  } while (token !== undefined);
  expect(names).toEqual(Array.from({ length: 120 }, (_, place) => deadLetterName(eventLetter(place))));
  expect((await listDeadLetters(flotilla.context)).DeadLetters[0]).toEqual({
    Id: `${String(now).padStart(15, '0')}-letter-0`,
    FailedAt: new Date(now).toISOString(),
    Attempts: 6,
    Error: 'Error: no',
    Event: { Route: 'hard', Id: 'e1', DetailType: 'Test', Detail: { status: 'Failed' } },
  });
  await expect(listDeadLetters(flotilla.context, 'forged')).rejects.toThrow(InvalidNextToken);
});

test('a replayed event reaches its route again with its id, and the letter is gone', async () => {
  const { route, events } = recordingRoute({ detailTypes: ['Test'] });
  const loop = startDispatcher({
    state: flotilla.state,
    routes: [route],
    load: () => Promise.reject(new Error()),
    context: flotilla.context,
  });
  const name = await keep(eventLetter());
  await replayDeadLetter(name, flotilla.context);
  await loop.idle();
  expect(events).toMatchObject([{ id: 'e1', detail: { status: 'Failed' } }]);
  expect((await listDeadLetters(flotilla.context)).DeadLetters).toEqual([]);
  await expect(replayDeadLetter(name, flotilla.context)).rejects.toThrow(DeadLetterNotFound);
  await loop.stop();
});

test('a replayed timer falls due now', async () => {
  const name = await keep(timerLetter());
  expect((await listDeadLetters(flotilla.context)).DeadLetters[0]).toMatchObject({
    Timer: { Kind: 'watch', Id: 'watch#mi-1', Key: 'mi-1', Due: '2026-01-01T00:00:00.000Z' },
  });
  await replayDeadLetter(name, flotilla.context);
  const due = flotilla.clock.now();
  expect((await flotilla.state.get<Timer>(timerKey({ ...timer, due })))?.body).toEqual({ ...timer, due });
});

test('two at once replay it once', async () => {
  const name = await keep(eventLetter());
  const results = await Promise.allSettled([
    replayDeadLetter(name, flotilla.context),
    replayDeadLetter(name, flotilla.context),
  ]);
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(await flotilla.state.readChanges(0, 10)).toHaveLength(1);
});

test('whatever made it fail, a letter is stored: levels, size, halves of characters; and replayed as it was', async () => {
  let deep: object = {};
  for (let level = 0; level < 500; level++) deep = { deep };
  const detail = { deep, number: 1e300, text: `${'é𝄞"'.repeat(40_000)}\ud800` };
  const poisonous: OutgoingEvent = { ...event, source: 'aws.cloudwatch', detail };
  const name = await keep({ ...eventLetter(), event: poisonous } as DeadLetter);
  const { DeadLetters: letters } = await listDeadLetters(flotilla.context);
  expect(letters).toMatchObject([{ Event: { Source: 'aws.cloudwatch', Detail: detail } }]);
  await replayDeadLetter(name, flotilla.context);
  expect((await flotilla.state.readChanges(0, 10)).map((change) => change.event)).toEqual([poisonous]);
  expect(await rowsLeft(name)).toBe(0);
});

test('a letter of before the text was split is read as ever', async () => {
  const letter = eventLetter();
  const name = deadLetterName(letter);
  await flotilla.state.write({ put: { pk: deadLetterPartition, sk: name }, body: letter });
  expect((await listDeadLetters(flotilla.context)).DeadLetters).toMatchObject([{ Event: { Id: 'e1' } }]);
  await replayDeadLetter(name, flotilla.context);
  expect((await flotilla.state.readChanges(0, 10)).map((change) => change.event)).toEqual([event]);
});

test('a record that cannot be read is shown, not replayed, and deleted with all its rows', async () => {
  const text = 'x'.repeat(250_000);
  const name = await keep({ kind: 'record', id: 'r', text, failedAt: flotilla.clock.now(), attempts: 1, error: 'no' });
  expect((await listDeadLetters(flotilla.context)).DeadLetters).toMatchObject([{ Record: { Text: text } }]);
  await expect(replayDeadLetter(name, flotilla.context)).rejects.toThrow(ValidationException);
  await deleteDeadLetter(name, flotilla.context);
  expect(await rowsLeft(name)).toBe(0);
});

/** Rows of a letter's text that are still there. */
const rowsLeft = async (name: string): Promise<number> =>
  (await flotilla.state.query({ pk: `DEAD-LETTER-TEXT#${name}` })).rows.length;

test('one can be thrown away; a name that is none is not found', async () => {
  const name = await keep(eventLetter());
  await deleteDeadLetter(name, flotilla.context);
  for (const unknown of [name, '', 'x'.repeat(2000), '../keys'])
    await expect(deleteDeadLetter(unknown, flotilla.context)).rejects.toThrow(DeadLetterNotFound);
});

test('viewers may look, and only look', () => {
  for (const [name, { roles }] of Object.entries(extensions))
    expect(roles.includes('viewer')).toBe(name.startsWith('GET '));
});
