import { afterEach, beforeEach, expect, test } from 'vitest';
import { deadLetterName, deadLetterPartition, deadLetterWrites, keepDeadLetter, type DeadLetter } from '../../../core/dead-letters.ts';
import { InvalidNextToken } from '../../../core/errors.ts';
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
