import { afterEach, beforeEach, expect, test } from 'vitest';
import { finishTimer, scheduleTimer, timerKey, type Timer, type TimerHandler } from '../../core/timers.ts';
import { fireTimer } from '../../functions/clock/fire-timer.ts';
import { startTimers } from '../../local/timer-loop.ts';
import type { Loop } from '../../local/dispatcher.ts';
import { testContext, type TestContext } from '../support/context.ts';
import { timersLeft } from '../support/timers.ts';

let flotilla: TestContext;
let started: Loop[];
let fired: { id: string; at: number }[];
beforeEach(() => {
  flotilla = testContext();
  started = [];
  fired = [];
});
afterEach(async () => {
  await Promise.all(started.map((loop) => loop.stop()));
  await flotilla.close();
});

const record: TimerHandler = async ({ id }, { clock }) => void fired.push({ id, at: clock.now() });

function start(handlers: Record<string, TimerHandler> = { test: record }): Loop {
  const loop = startTimers({ state: flotilla.state, handlers, context: flotilla.context });
  started.push(loop);
  return loop;
}

const timer = (id: string, inMilliseconds: number, kind = 'test'): Timer => ({
  id,
  kind,
  key: 'entity',
  due: flotilla.clock.now() + inMilliseconds,
  payload: {},
});
const schedule = (one: Timer): Promise<unknown> => flotilla.state.write(scheduleTimer(one));
const left = async (): Promise<string[]> => (await timersLeft(flotilla.state)).map(({ id }) => id);

test('timers fire when the clock reaches them, not before, and are gone', async () => {
  const loop = start();
  const base = flotilla.clock.now();
  await schedule(timer('a', 5_000));
  await schedule(timer('b', 1_000));
  await loop.idle();
  flotilla.clock.advance(999);
  await loop.idle();
  expect(fired).toEqual([]);
  flotilla.clock.advance(1);
  await loop.idle();
  expect(fired).toEqual([{ id: 'b', at: base + 1_000 }]);
  flotilla.clock.advance(4_000);
  await loop.idle();
  expect(fired).toEqual([
    { id: 'b', at: base + 1_000 },
    { id: 'a', at: base + 5_000 },
  ]);
  expect(await left()).toEqual([]);
});

test('a timer that is due at once fires at once; an earlier one that comes later is not overslept', async () => {
  const loop = start();
  await schedule(timer('late', 60_000));
  await loop.idle();
  await schedule(timer('now', 0));
  await loop.idle();
  expect(fired.map(({ id }) => id)).toEqual(['now']);
  await schedule(timer('soon', 1_000));
  await loop.idle();
  flotilla.clock.advance(1_000);
  await loop.idle();
  expect(fired.map(({ id }) => id)).toEqual(['now', 'soon']);
});

test('timers of before the start fire, those of months hence wait', async () => {
  await schedule(timer('overdue', -3_600_000));
  // setTimeout holds 24.8 days.
  await schedule(timer('months', 90 * 24 * 3_600_000));
  const loop = start();
  await loop.idle();
  expect(fired.map(({ id }) => id)).toEqual(['overdue']);
  flotilla.clock.advance(90 * 24 * 3_600_000);
  await loop.idle();
  expect(fired.map(({ id }) => id)).toEqual(['overdue', 'months']);
});

test('a timer taken back does not fire', async () => {
  const loop = start();
  const one = timer('a', 1_000);
  await schedule(one);
  await flotilla.state.write(finishTimer(one));
  flotilla.clock.advance(2_000);
  await loop.idle();
  expect(fired).toEqual([]);
});

test('a timer that sets itself anew goes on, on a clock that jumps over many of its times', async () => {
  const loop = start({
    test: async (one, { state, clock }) => {
      fired.push({ id: one.id, at: clock.now() });
      await state.transact([finishTimer(one), scheduleTimer({ ...one, due: one.due + 1_000 })]);
    },
  });
  await schedule(timer('chain', 1_000));
  await loop.idle();
  flotilla.clock.advance(10_000);
  await loop.idle();
  expect(fired).toHaveLength(10);
  expect(await left()).toEqual(['chain']);
});

test('a timer set anew for the very moment it fired at fires again', async () => {
  let again = 2;
  const loop = start({
    test: async (one, context) => {
      await record(one, context);
      if (again-- > 0) await context.state.transact([scheduleTimer(one)]);
    },
  });
  await schedule(timer('a', 0));
  await loop.idle();
  expect(fired).toHaveLength(3);
  expect(await left()).toEqual([]);
});

test('a timer that is removed and then set anew for the very moment it fired at fires again', async () => {
  let again = true;
  const loop = start({
    test: async (one, context) => {
      await record(one, context);
      if (again) {
        again = false;
        await context.state.write(finishTimer(one));
        await context.state.write(scheduleTimer(one));
      }
    },
  });
  await schedule(timer('a', 0));
  await loop.idle();
  expect(fired).toHaveLength(2);
  expect(await left()).toEqual([]);
});

test('a timer that somebody sets anew for the very moment it fired at, in the turn in which it is removed, fires again', async () => {
  const one = timer('a', 0);
  const loop = start({
    test: async (fires, context) => {
      await record(fires, context);
      if (fired.length === 1) queueMicrotask(() => void schedule(one));
    },
  });
  await schedule(one);
  await loop.idle();
  expect(fired).toHaveLength(2);
  expect(await left()).toEqual([]);
});

test('a timer that somebody sets anew for the very moment it fired at, just after it was found gone, fires again', async () => {
  const one = timer('a', 0);
  await schedule(one);
  const get = flotilla.state.get.bind(flotilla.state);
  flotilla.state.get = <T extends object>(key: Parameters<typeof get>[0]) => {
    if (key.sk !== timerKey(one).sk || fired.length !== 1) return get<T>(key);
    flotilla.state.get = get;
    // What is asked waits for the commit of this turn, and was asked before the timer came.
    void flotilla.state.write({ put: { pk: 'another', sk: 'row' }, body: {} });
    const found = get<T>(key);
    void schedule(one);
    return found;
  };
  const loop = start();
  await loop.idle();
  expect(fired).toHaveLength(2);
  expect(await left()).toEqual([]);
});

test('a timer that fires costs one write: nobody else could claim it', async () => {
  await schedule(timer('finished', 0));
  await schedule(timer('left', 0));
  const written: string[] = [];
  flotilla.state.onCommit(({ keys }) => written.push(...keys.map(({ sk }) => sk.split('#').at(-1)!)));
  const loop = start({
    test: async (one, { state }) => {
      if (one.id === 'finished') await state.write(finishTimer(one));
    },
  });
  await loop.idle();
  expect(written.sort()).toEqual(['finished', 'left']);
  expect(await left()).toEqual([]);
});

test('more timers than are worked on at once: all fire, whoever is slow', async () => {
  let free!: () => void;
  const held = new Promise<void>((resolve) => (free = resolve));
  const loop = start({
    test: async (one, context) => {
      if (Number(one.id) < 20) await held;
      await record(one, context);
    },
  });
  await Promise.all(Array.from({ length: 500 }, (_, number) => schedule(timer(String(number), 0))));
  await expect.poll(() => fired.length, { timeout: 60_000 }).toBe(480);
  free();
  await loop.idle();
  expect(fired).toHaveLength(500);
  expect(await left()).toEqual([]);
});

test('what a process claimed and did not finish, the next one does at once', async () => {
  const one = timer('a', 0);
  await schedule(one);
  void fireTimer(one, { test: () => new Promise(() => undefined) }, flotilla.context);
  await expect.poll(async () => (await flotilla.state.get<Timer>(timerKey(one)))?.body.claimedUntil).toBeDefined();
  await start().idle();
  expect(fired.map(({ id }) => id)).toEqual(['a']);
  expect(await left()).toEqual([]);
});

test('a failing timer is tried again by the clock', async () => {
  let failures = 2;
  const loop = start({
    test: async (one, context) => {
      if (failures-- > 0) throw new Error('not now');
      await record(one, context);
    },
  });
  await schedule(timer('a', 0));
  await loop.idle();
  flotilla.clock.advance(1_000);
  await loop.idle();
  expect(fired).toEqual([]);
  flotilla.clock.advance(5_000);
  await loop.idle();
  expect(fired.map(({ id }) => id)).toEqual(['a']);
});

test('a thousand timers due at one moment all fire once, 32 at a time', async () => {
  let atWork = 0;
  let most = 0;
  const loop = start({
    test: async (one, context) => {
      most = Math.max(most, ++atWork);
      await new Promise((resolve) => setImmediate(resolve));
      await record(one, context);
      atWork--;
    },
  });
  await flotilla.state.batch(Array.from({ length: 1000 }, (_, at) => scheduleTimer(timer(`t${at}`, 1_000))));
  await loop.idle();
  flotilla.clock.advance(1_000);
  await loop.idle();
  expect(new Set(fired.map(({ id }) => id)).size).toBe(1000);
  expect(fired).toHaveLength(1000);
  expect(most).toBeLessThanOrEqual(32);
  expect(await left()).toEqual([]);
});

test('a stopped loop fires nothing', async () => {
  const loop = start();
  await schedule(timer('a', 1_000));
  await loop.stop();
  flotilla.clock.advance(5_000);
  await loop.idle();
  expect(fired).toEqual([]);
  expect(await left()).toEqual(['a']);
});

test('on a clock that is set back, new timers fire by the clock as it is now', async () => {
  let now = 10 * 3_600_000;
  const alarms = new Set<{ at: number; wake: () => void }>();
  const clock = {
    now: () => now,
    alarm: (at: number, wake: () => void) => {
      const alarm = { at, wake };
      alarms.add(alarm);
      return () => alarms.delete(alarm);
    },
  };
  const setTo = (time: number): void => {
    now = time;
    for (const alarm of [...alarms].filter(({ at }) => at <= now)) {
      alarms.delete(alarm);
      alarm.wake();
    }
  };
  const times: string[] = [];
  const loop = startTimers({
    state: flotilla.state,
    handlers: { test: async ({ id }) => void times.push(id) },
    context: { ...flotilla.context, clock },
  });
  started.push(loop);
  await schedule({ ...timer('of before', 0), due: now + 5_000 });
  await loop.idle();
  setTo(now - 3_600_000);
  await schedule({ ...timer('of after', 0), due: now + 1_000 });
  await loop.idle();
  setTo(now + 1_000);
  await loop.idle();
  expect(times).toEqual(['of after']);
  setTo(10 * 3_600_000 + 5_000);
  await loop.idle();
  expect(times).toEqual(['of after', 'of before']);
});
