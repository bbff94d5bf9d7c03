/**
 * A job over 100,000 targets whose every call has a deadline: each call does a bounded number of calls of the state and
 * leaves the rest to the next one, and all together they are linear in the number of targets.
 */
import { expect, test } from 'vitest';
import type { Context } from '../../../core/context.ts';
import { stepTakes } from '../../../core/deadline.ts';
import { unfinished, timerPartition, timerShards, type Timer } from '../../../core/timers.ts';
import { cancelJob, lookAfter, readJob } from '../../../functions/fan-out/index.ts';
import { testContext } from '../../support/context.ts';
import { MemoryState } from '../../support/memory-state.ts';
import { beginErrand, errandKind, theJob, type ErrandBody, type ErrandKind } from './errand-kind.ts';

const fleet = 100_000;
/** Calls of the state that a worker may make before its deadline is near. */
const budget = 500;
/** A step that has begun is done: a page of a sweep is the longest. */
const step = 40;

const ids = Array.from({ length: fleet }, (_, place) => `p-${place.toString(16).padStart(6, '0')}`);

interface Fleet {
  readonly kind: ErrandKind;
  readonly state: MemoryState;
  /** One call of the timer's handler. @returns how many calls of the state it made */
  readonly call: () => Promise<number>;
  readonly job: () => Promise<ErrandBody>;
  readonly context: Context;
  readonly advance: (milliseconds: number) => void;
  readonly close: () => Promise<void>;
}

async function openFleet(maxConcurrency: string): Promise<Fleet> {
  const flotilla = testContext();
  const state = new MemoryState(flotilla.clock);
  const kind = errandKind({ onePass: false, rampUp: false }, () => ids, 48);
  const context: Context = { ...flotilla.context, state };
  await beginErrand(kind, { targets: fleet, lasts: 3_600_000, maxConcurrency, maxErrors: '100%' }, context);
  const handler = lookAfter(kind);
  let timer: Timer | undefined;
  return {
    kind,
    state,
    context,
    job: async () => (await readJob(kind, theJob, state))!.body,
    advance: (milliseconds) => flotilla.clock.advance(milliseconds),
    call: async () => {
      timer ??= await onlyTimer(state);
      const before = state.callCount;
      const deadline = { remaining: () => (state.callCount - before < budget ? Infinity : stepTakes - 1) };
      if ((await handler(timer, { ...context, deadline })) !== unfinished) timer = undefined;
      return state.callCount - before;
    },
    close: () => flotilla.close(),
  };
}

async function onlyTimer(state: MemoryState): Promise<Timer> {
  const found: Timer[] = [];
  for (let shard = 0; shard < timerShards; shard++)
    found.push(...(await state.query<Timer>({ pk: timerPartition(shard) })).rows.map(({ body }) => body));
  expect(found).toHaveLength(1);
  return found[0]!;
}

test('targets are found, started, and ended when their time is over, each call within its deadline', async () => {
  const fleetOf = await openFleet('100%');
  const { call, job, advance } = fleetOf;
  let total = 0;
  let calls = 0;
  const until = async (reached: (body: ErrandBody) => boolean): Promise<void> => {
    while (!reached(await job())) {
      const made = await call();
      expect(made).toBeLessThanOrEqual(budget + step);
      total += made;
      calls++;
      expect(calls).toBeLessThan(5_000);
      if (made < budget) advance(1_000);
    }
  };
  await until(({ phase }) => phase === 'running');
  expect((await job()).targetCount).toBe(fleet);
  const spreading = total;
  await until(({ started }) => started === fleet);
  const starting = total - spreading;
  advance(3_600_000);
  await until(({ phase }) => phase === 'done');
  const ending = total - spreading - starting;
  expect((await job()).tally).toEqual({ TimedOut: fleet });
  // A batch of 48 a transaction, with a read of the job.
  expect(spreading).toBeLessThan((fleet / 48) * 4);
  // 25 targets a round: the job, sixteen shards of deltas, a page of targets, the transaction.
  expect(starting).toBeLessThan((fleet / 25) * 22);
  // A page of 48 people and a transaction, and 40 deltas a round.
  expect(ending).toBeLessThan((fleet / 48) * 4 + (fleet / 40) * 25);
  await fleetOf.close();
});

test('a cancel reaches all that runs, each call within its deadline', async () => {
  const { kind, context, call, job, advance, close } = await openFleet('5000');
  while ((await job()).started < 5_000) if ((await call()) < budget) advance(1_000);
  await cancelJob(kind, theJob, context);
  let total = 0;
  for (let calls = 0; (await job()).phase !== 'done'; calls++) {
    const made = await call();
    expect(made).toBeLessThanOrEqual(budget + step);
    total += made;
    expect(calls).toBeLessThan(2_000);
    if (made < budget) advance(1_000);
  }
  expect((await job()).tally).toEqual({ Cancelled: fleet });
  expect(total).toBeLessThan((fleet / 48) * 4 + (fleet / 25) * 22);
  await close();
});
