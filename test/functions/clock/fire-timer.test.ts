import { afterEach, beforeEach, expect, test } from 'vitest';
import { mostAttempts, notStored, retryPauses } from '../../../core/dead-letters.ts';
import { jsonLog } from '../../../core/log.ts';
import { StateLimitExceeded, StateUnavailable, type State } from '../../../core/state.ts';
import {
  finishTimer,
  scheduleTimer,
  timerKey,
  unfinished,
  type Timer,
  type TimerHandler,
} from '../../../core/timers.ts';
import { beginAlone, fireAlone, fireTimer } from '../../../functions/clock/fire-timer.ts';
import { claimLasts, unknownPatience, unknownPause } from '../../../functions/clock/limits.ts';
import { testContext, type TestContext } from '../../support/context.ts';
import { deadLettersOf } from '../../support/dead-letters.ts';
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
      await (isAlone
        ? fireAlone(timer, { test: handler }, flotilla.context, { isTouched: () => false })
        : fire(timer, handler)),
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
  expect(await deadLettersOf(flotilla.state)).toEqual([
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

test('a timer whose worker dies each time is tried so often and no more, then kept as a dead letter', async () => {
  const timer = await due();
  for (let attempt = 1; attempt <= mostAttempts; attempt++) {
    // A worker that never comes back.
    void fire(timer, () => new Promise(() => undefined));
    await expect
      .poll(async () => (await flotilla.state.get<Timer>(timerKey(timer)))?.body)
      .toMatchObject({ attempts: attempt, claimedUntil: flotilla.clock.now() + claimLasts });
    flotilla.clock.advance(claimLasts);
  }
  expect(await fire(timer, async () => expect.unreachable())).toBe('failed');
  expect(await timersLeft(flotilla.state)).toEqual([]);
  expect(await deadLettersOf(flotilla.state)).toMatchObject([
    {
      kind: 'timer',
      timer: { ...timer, attempts: 0 },
      attempts: mostAttempts,
      error: expect.stringContaining('out of time or memory') as string,
    },
  ]);
});

test('a worker without rivals that counts its attempts ends them in the same way', async () => {
  const timer = await due();
  for (let attempt = 1; attempt <= mostAttempts; attempt++)
    expect(await beginAlone(timer, { test: async () => undefined }, flotilla.context)).toBe('begun');
  expect(await beginAlone(timer, { test: async () => undefined }, flotilla.context)).toBe('failed');
  expect(await deadLettersOf(flotilla.state)).toMatchObject([{ kind: 'timer', attempts: mostAttempts }]);
});

test('a kind that nobody knows is left to a newer version, and counts no attempt; after a day none is coming', async () => {
  await due('a', 'newer');
  const began = flotilla.clock.now();
  for (; flotilla.clock.now() < began + unknownPatience; flotilla.clock.advance(unknownPatience / 10)) {
    const [timer] = await timersLeft(flotilla.state);
    expect(await fire(timer!, async () => undefined)).toBe('failed');
    const [later] = await timersLeft(flotilla.state);
    expect(later?.due).toBe(flotilla.clock.now() + unknownPause);
    expect(later?.attempts).toBeUndefined();
  }
  expect(await deadLettersOf(flotilla.state)).toEqual([]);
  const [timer] = await timersLeft(flotilla.state);
  // The newer version is there after all: it does the work.
  const given: Timer[] = [];
  const copy = { ...timer!, id: 'b' };
  await flotilla.state.write(scheduleTimer(copy));
  expect(await fireTimer(copy, { newer: async (one) => void given.push(one) }, flotilla.context)).toBe('done');
  expect(given).toHaveLength(1);
  expect(await fire(timer!, async () => undefined)).toBe('failed');
  expect(await timersLeft(flotilla.state)).toEqual([]);
  expect(await deadLettersOf(flotilla.state)).toMatchObject([
    { kind: 'timer', timer: { id: 'a', kind: 'newer' }, error: 'no timer of the kind newer is registered' },
  ]);
});

test('a letter that the table cannot hold goes to the log, whole, and the timer goes', async () => {
  const lines: Record<string, unknown>[] = [];
  const log = jsonLog((line) => void lines.push(JSON.parse(line) as Record<string, unknown>), 'error');
  const state: State = new Proxy(flotilla.state, {
    get: (target, member) =>
      member === 'transact'
        ? () => Promise.reject(new StateLimitExceeded('more than the table holds'))
        : (...parts: unknown[]) =>
            (target[member as keyof typeof target] as (...parts: unknown[]) => unknown).apply(target, parts),
  });
  const payload = { text: 'é'.repeat(60_000) };
  const timer: Timer = { id: 'a', kind: 'test', key: 'e', due: flotilla.clock.now(), payload, attempts: mostAttempts };
  await flotilla.state.write(scheduleTimer(timer));
  expect(await fireTimer(timer, { test: async () => expect.unreachable() }, { ...flotilla.context, state, log })).toBe(
    'failed',
  );
  expect(await timersLeft(flotilla.state)).toEqual([]);
  const letter = lines.filter(({ message }) => message === notStored);
  expect(letter.map(({ metric }) => metric)).toEqual(['DeadLetterNotStored', undefined]);
  expect(JSON.parse(letter.map(({ text }) => text as string).join(''))).toEqual({ ...timer, attempts: 0 });
  for (const line of letter) expect(JSON.stringify(line).length * 2).toBeLessThan(256 * 1024);
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
