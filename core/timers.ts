/**
 * What must happen later: a timer row, written in the same change that needs it (design §3, Time).
 *
 * Timers fire at least once and in no promised order. A handler whose entity has moved on does nothing.
 */
import type { Context } from './context.ts';
import { paddedTime, shardOf } from './keys-of-rows.ts';
import { ConditionFailed, type Delete, type Key, type Put, type Query } from './state.ts';

/** Partitions the timers of a fleet are spread over. */
export const timerShards = 16;

/** A timer as it is kept. Its sort key is due time and id, so that a shard reads in order of time. */
export interface Timer<Payload extends object = object> {
  /** Names the timer: scheduling the same id at the same due time twice is scheduling it once. */
  readonly id: string;
  /** Which handler: a key of the registry's `timers`. */
  readonly kind: string;
  /** The entity it is about. */
  readonly key: string;
  /** Epoch milliseconds. */
  readonly due: number;
  readonly payload: Payload;
  /** How often it has been begun without being finished. */
  readonly attempts?: number;
  /** Epoch milliseconds until which a worker has claimed it. */
  readonly claimedUntil?: number;
  /** Epoch milliseconds since which workers have found its kind unknown: they run an older version. */
  readonly unknownSince?: number;
}

/** What a handler answers that stopped at its deadline with work left. */
export const unfinished = 'unfinished';

/**
 * Does what a timer is for. It should finish the timer ({@link finishTimer}) in the write that records the
 * effect; a timer left behind is removed after the handler resolves.
 * @returns {@link unfinished} where work is left: the timer then falls due again at once, with no attempt counted
 */
export type TimerHandler<Payload extends object = object> = (
  timer: Timer<Payload>,
  context: Context,
) => Promise<void | typeof unfinished>;

/** The partition of a shard, 0–15. */
export function timerPartition(shard: number): string {
  return `TIMER#${shard}`;
}

/**
 * The timers of a shard that are due by then, in the order of their times; those of a newer shape are left out.
 * @param due epoch milliseconds
 */
export function timersUntil(shard: number, due: number): Query {
  return { pk: timerPartition(shard), to: `${paddedTime(due + 1)}#`, newer: 'skip' };
}

/** Where a timer is kept. */
export function timerKey(timer: Pick<Timer, 'due' | 'id'>): Key {
  return { pk: timerPartition(shardOf(timer.id, timerShards)), sk: `${paddedTime(timer.due)}#${timer.id}` };
}

/** The write that schedules a timer. */
export function scheduleTimer<Payload extends object>(timer: Timer<Payload>): Put<Timer<Payload>> {
  return { put: timerKey(timer), body: timer };
}

/** The write that ends a timer: put it into the transaction that records the timer's effect. */
export function finishTimer(timer: Pick<Timer, 'due' | 'id'>): Delete {
  return { delete: timerKey(timer) };
}

/**
 * The writes that replace a timer by its next one, only if it is still there: of two workers that fire it at once, one
 * arms the next, and the other's transaction fails with ConditionFailed. Two chains of timers would never end.
 * @example
 * await context.state.transact([...rearmTimer(timer, { ...timer, due: context.clock.now() + minute }), ...effect]);
 */
export function rearmTimer<Payload extends object>(
  timer: Pick<Timer, 'due' | 'id'>,
  next: Timer<Payload>,
): (Put | Delete)[] {
  const { attempts: _attempts, claimedUntil: _claim, ...fresh } = next;
  const present = { when: { row: 'present' } } as const;
  if (timer.id === next.id && timer.due === next.due) return [{ ...scheduleTimer(fresh), ...present }];
  return [{ ...finishTimer(timer), ...present }, scheduleTimer(fresh)];
}

/**
 * Puts a timer back, due at once, with how far its work has come: for work that stops at its deadline and needs a place
 * to go on from. Where another worker has the timer too, one of them goes on.
 * @example if (isOver(context)) return carryOn(timer, { ...timer.payload, after }, context);
 */
export async function carryOn<Payload extends object>(
  timer: Timer<Payload>,
  payload: Payload,
  { state, clock }: Pick<Context, 'state' | 'clock'>,
): Promise<void> {
  const due = Math.max(clock.now(), timer.due + 1);
  try {
    await state.transact(rearmTimer(timer, { ...timer, due, payload }));
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
}
