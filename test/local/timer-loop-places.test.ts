/** Who gets the places of the timer loop: nobody is forgotten, whoever is slow and whatever fails. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { jsonLog, silentLog } from '../../core/log.ts';
import { StateUnavailable } from '../../core/state.ts';
import { scheduleTimer, timerPartition, type TimerHandler } from '../../core/timers.ts';
import { startTimers } from '../../local/timer-loop.ts';
import type { Loop } from '../../local/dispatcher.ts';
import { testContext, type TestContext } from '../support/context.ts';
import { timersLeft } from '../support/timers.ts';

let flotilla: TestContext;
let started: Loop[];
beforeEach(() => {
  flotilla = testContext();
  started = [];
});
afterEach(async () => {
  await Promise.all(started.map((loop) => loop.stop()));
  await flotilla.close();
});

function start(test: TimerHandler, log = silentLog): Loop {
  const loop = startTimers({ state: flotilla.state, handlers: { test }, context: { ...flotilla.context, log } });
  started.push(loop);
  return loop;
}

const scheduled = (id: string) =>
  scheduleTimer({ id, kind: 'test', key: 'entity', due: flotilla.clock.now(), payload: {} });
/** So many ids whose timers lie in one shard. */
function idsOf(shard: number, count: number): string[] {
  const ids: string[] = [];
  for (let at = 0; ids.length < count; at++)
    if (scheduled(`${shard}-${at}`).put.pk === timerPartition(shard)) ids.push(`${shard}-${at}`);
  return ids;
}
const left = async (): Promise<string[]> => (await timersLeft(flotilla.state)).map(({ id }) => id);
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

test('where a place is freed while a shard is read, nothing of that shard is left lying', async () => {
  const slow = idsOf(0, 8);
  await flotilla.state.batch([...slow, ...idsOf(1, 5)].map(scheduled));
  const frees = new Map<string, () => void>();
  const query = flotilla.state.query.bind(flotilla.state);
  let isFirst = true;
  flotilla.state.query = async <T extends object>(asked: Parameters<typeof query>[0]) => {
    const page = await query<T>(asked);
    if (asked.pk === timerPartition(1) && isFirst) {
      isFirst = false;
      // One row was asked for, since every place was taken.
      frees.get(slow[0]!)!();
      await turns(5);
    }
    return page;
  };
  const loop = start(async ({ id }) => {
    if (slow.includes(id)) await new Promise<void>((resolve) => frees.set(id, resolve));
  });
  await expect.poll(() => isFirst).toBe(false);
  await turns(20);
  for (const free of frees.values()) free();
  await loop.idle();
  expect(await left()).toEqual([]);
});

test('while the state cannot be written one timer at a time finds out, and the log stays short', async () => {
  await flotilla.state.batch(Array.from({ length: 200 }, (_, at) => scheduled(`t${at}`)));
  const write = flotilla.state.write.bind(flotilla.state);
  flotilla.state.write = () => Promise.reject(new StateUnavailable('disk full'));
  const lines: string[] = [];
  const fired: string[] = [];
  const loop = start(
    async ({ id }) => void fired.push(id),
    jsonLog((line) => lines.push(line)),
  );
  await loop.idle();
  const atFirst = lines.length;
  expect(atFirst).toBeLessThanOrEqual(32);
  for (let second = 0; second < 60; second++) {
    flotilla.clock.advance(1_000);
    await loop.idle();
  }
  expect(lines.length - atFirst).toBe(60);
  flotilla.state.write = write;
  flotilla.clock.advance(1_000);
  await loop.idle();
  expect(new Set(fired).size).toBe(200);
  expect(await left()).toEqual([]);
});

test('while the state cannot be written nobody hands a place over to what must fail too', async () => {
  await flotilla.state.batch(Array.from({ length: 200 }, (_, at) => scheduled(`t${at}`)));
  const write = flotilla.state.write.bind(flotilla.state);
  flotilla.state.write = () => Promise.reject(new StateUnavailable('disk full'));
  const lines: string[] = [];
  const loop = start(
    () => Promise.resolve(),
    jsonLog((line) => lines.push(line)),
  );
  await loop.idle();
  const atFirst = lines.length;
  await sleep(500);
  expect(lines).toHaveLength(atFirst);
  flotilla.state.write = write;
});

test('after the state could not be written, one that waits for something outside keeps nobody waiting', async () => {
  const write = flotilla.state.write.bind(flotilla.state);
  let free!: () => void;
  const held = new Promise<void>((resolve) => (free = resolve));
  start(async ({ id }) => {
    if (id === 'slow') await held;
  });
  await flotilla.state.batch([scheduled('slow')]);
  await turns(5);
  flotilla.state.write = () => Promise.reject(new StateUnavailable('disk full'));
  await flotilla.state.batch(['a', 'b', 'c'].map(scheduled));
  await turns(20);
  flotilla.state.write = write;
  expect((await left()).sort()).toEqual(['a', 'b', 'c', 'slow']);
  // Longer than one may take that does not wait.
  await sleep(150);
  flotilla.clock.advance(1_000);
  await expect.poll(left).toEqual(['slow']);
  free();
});
