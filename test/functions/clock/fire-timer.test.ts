import { afterEach, beforeEach, expect, test } from 'vitest';
import { deadLetterPartition, retryPauses, type DeadLetter } from '../../../core/dead-letters.ts';
import { queryAll, StateUnavailable, type State } from '../../../core/state.ts';
import {
  finishTimer,
  scheduleTimer,
  timerKey,
  unfinished,
  type Timer,
  type TimerHandler,
} from '../../../core/timers.ts';
import { claimLasts, fireAlone, fireTimer } from '../../../functions/clock/fire-timer.ts';
import { testContext, type TestContext } from '../../support/context.ts';
import { timersLeft } from '../../support/timers.ts';

let flotilla: TestContext;
beforeEach(() => {
  flotilla = testContext();
});
afterEach(() => flotilla.close());

/** A timer that is due now, in the state. */
async function due(id = 'a', kind = 'test'): Promise<Timer> {
  const timer: Timer = { id, kind, key: 'entity', due: flotilla.clock.now(), payload: { n: 1 } };
  await flotilla.state.write(scheduleTimer(timer));
  return timer;
}

const fire = (timer: Timer, handler: TimerHandler) => fireTimer(timer, { test: handler }, flotilla.context);

test('a handler is given the timer, and the timer is gone after it', async () => {
  const timer = await due();
  const given: Timer[] = [];
  expect(await fire(timer, async (one) => void given.push(one))).toBe('done');
  expect(given).toEqual([timer]);
  expect(await timersLeft(flotilla.state)).toEqual([]);
  expect(await fire(timer, async () => expect.unreachable())).toBe('gone');
});

test('two ticks at once: one runs, the other finds it claimed', async () => {
  const timer = await due();
  let runs = 0;
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const handler: TimerHandler = async () => {
    runs++;
    await released;
  };
  const results = [fire(timer, handler), fire(timer, handler)];
  expect(await Promise.race(results)).toBe('claimed');
  expect(await fire(timer, handler)).toBe('claimed');
  release();
  expect((await Promise.all(results)).sort()).toEqual(['claimed', 'done']);
  expect(runs).toBe(1);
});

test('the claim of a worker that died lapses; who is alone need not wait for that', async () => {
  for (const isAlone of [false, true]) {
    const timer = await due(`died-${isAlone}`);
    // A worker that never comes back.
    void fire(timer, () => new Promise(() => undefined));
    await expect.poll(async () => (await flotilla.state.get<Timer>(timerKey(timer)))?.body.claimedUntil).toBeDefined();
    expect(await fire(timer, async () => expect.unreachable())).toBe('claimed');
    if (!isAlone) flotilla.clock.advance(claimLasts);
    const handler: TimerHandler = async () => undefined;
    expect(
      await (isAlone ? fireAlone(timer, { test: handler }, flotilla.context, () => false) : fire(timer, handler)),
    ).toBe('done');
    expect(await timersLeft(flotilla.state)).toEqual([]);
  }
});

test('a handler may finish the timer itself, and set it anew at the same place', async () => {
  const timer = await due();
  expect(await fire(timer, async (one, { state }) => void (await state.write(finishTimer(one))))).toBe('done');
  expect(await timersLeft(flotilla.state)).toEqual([]);
  await flotilla.state.write(scheduleTimer(timer));
  expect(
    await fire(timer, async (one, { state }) => void (await state.write(scheduleTimer({ ...one, payload: { n: 2 } })))),
  ).toBe('done');
  expect(await timersLeft(flotilla.state)).toEqual([{ ...timer, payload: { n: 2 } }]);
});

test('a worker that ends leaves a timer alone that was set anew at the same place and claimed by another meanwhile', async () => {
  const timer = await due();
  const first = Promise.withResolvers<void>();
  const second = Promise.withResolvers<void>();
  const one = fire(timer, () => first.promise);
  await expect.poll(async () => (await flotilla.state.get<Timer>(timerKey(timer)))?.body.claimedUntil).toBeDefined();
  await flotilla.state.write(scheduleTimer(timer));
  flotilla.clock.advance(1);
  const other = fire(timer, () => second.promise);
  await expect.poll(async () => (await flotilla.state.get<Timer>(timerKey(timer)))?.body.claimedUntil).toBeDefined();
  first.resolve();
  expect(await one).toBe('done');
  second.reject(new Error('not now'));
  expect(await other).toBe('failed');
  expect(await timersLeft(flotilla.state)).toEqual([
    { ...timer, due: flotilla.clock.now() + retryPauses[0]!, attempts: 1 },
  ]);
});

test('a handler that stopped at its deadline goes on at once, as often as it gets on', async () => {
  await due();
  const outcomes = [...Array<typeof unfinished>(12).fill(unfinished), undefined];
  for (const outcome of outcomes) {
    const [timer] = await timersLeft(flotilla.state);
    expect(timer!.due).toBeLessThanOrEqual(flotilla.clock.now());
    expect(timer!.attempts).toBeUndefined();
    expect(await fire(timer!, async () => outcome)).toBe('done');
    flotilla.clock.advance(1);
  }
  expect(await timersLeft(flotilla.state)).toEqual([]);
});

test('what fails is tried again after ever longer pauses, then kept as a dead letter', async () => {
  const timer = await due();
  let attempts = 0;
  const failing: TimerHandler = async () => {
    attempts++;
    throw new TypeError('no such thing');
  };
  let next = timer;
  for (const pause of retryPauses) {
    expect(await fire(next, failing)).toBe('failed');
    const left = await timersLeft(flotilla.state);
    expect(left).toHaveLength(1);
    next = left[0]!;
    expect(next).toMatchObject({ id: timer.id, due: flotilla.clock.now() + pause, attempts });
    expect(next.claimedUntil).toBeUndefined();
    flotilla.clock.advance(pause);
  }
  expect(await fire(next, failing)).toBe('failed');
  expect(attempts).toBe(retryPauses.length + 1);
  expect(await timersLeft(flotilla.state)).toEqual([]);
  const letters = await queryAll<DeadLetter>(flotilla.state, { pk: deadLetterPartition });
  expect(letters.map((row) => row.body)).toEqual([
    {
      kind: 'timer',
      id: expect.any(String) as string,
      timer: { ...next, attempts: 0 },
      failedAt: flotilla.clock.now(),
      attempts,
      error: 'TypeError: no such thing',
    },
  ]);
});

test('a kind that nobody knows is a failure, not a loss', async () => {
  const timer = await due('a', 'unknown');
  expect(await fire(timer, async () => undefined)).toBe('failed');
  expect(await timersLeft(flotilla.state)).toHaveLength(1);
});

test('while the state takes no writes the timer stands', async () => {
  const timer = await due();
  const full: State = new Proxy(flotilla.state, {
    get: (state, member) =>
      member === 'write' || member === 'transact'
        ? () => Promise.reject(new StateUnavailable('disk full'))
        : (...parts: unknown[]) =>
            (state[member as keyof typeof state] as (...parts: unknown[]) => unknown).apply(state, parts),
  });
  await expect(fireTimer(timer, { test: async () => undefined }, { ...flotilla.context, state: full })).rejects.toThrow(
    StateUnavailable,
  );
  expect(await timersLeft(flotilla.state)).toEqual([timer]);
});
