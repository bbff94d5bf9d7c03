/**
 * Firing one timer: claims it, calls its handler, and removes it. On AWS and locally alike. Two workers at once: one
 * claims, the other finds it claimed. A worker that dies leaves a claim that lapses, and an attempt that counts.
 */
import type { Context } from '../../core/context.ts';
import { describeError, isFinal, mostAttempts, retryPauses } from '../../core/dead-letters.ts';
import { ConditionFailed, type Row } from '../../core/state.ts';
import { timerKey, unfinished, type Timer, type TimerHandler } from '../../core/timers.ts';
import { claimLasts, unknownPatience, unknownPause } from './limits.ts';
import { giveUp, moveTo, removeIfUnchanged } from './replace-timer.ts';

export type TimerHandlers = Readonly<Record<string, TimerHandler<never>>>;

/** Why a timer ends whose worker never came back. */
const workerDied = `each of its ${mostAttempts} workers ended before it had done: out of time or memory, or killed`;

/**
 * Fires a timer that any number of workers may have heard of.
 * @param key where the timer is kept
 * @returns what became of it: `gone` when it was finished or moved meanwhile, `claimed` when another worker has it
 * @throws what the state throws when it cannot be written; the timer stands then
 */
export async function fireTimer(
  key: Pick<Timer, 'due' | 'id'>,
  handlers: TimerHandlers,
  context: Context,
): Promise<'done' | 'gone' | 'claimed' | 'failed'> {
  const row = await context.state.get<Timer>(timerKey(key));
  if (row === undefined) return 'gone';
  if ((row.body.claimedUntil ?? 0) > context.clock.now()) return 'claimed';
  const handler = handlerOf(row.body, handlers);
  if (handler === undefined) return leaveToNewer(row, context);
  const claimed = await claim(row, context);
  if (claimed === 'failed') return 'failed';
  return claimed === undefined ? 'claimed' : fire(claimed, handler, context, () => false);
}

/** How a worker without rivals fires a timer. */
export interface Alone {
  /**
   * Whether anybody has written or removed the timer since the call: then it is no longer ours to remove or put off.
   */
  readonly isTouched: () => boolean;
  /** Whether {@link beginAlone} has counted this attempt already. */
  readonly isCounted?: boolean;
}

/**
 * Fires a timer of a worker that has no rivals: nobody's claim need be looked at or made, which is a commit less.
 * @throws as {@link fireTimer}
 */
export async function fireAlone(
  key: Pick<Timer, 'due' | 'id'>,
  handlers: TimerHandlers,
  context: Context,
  { isTouched, isCounted = false }: Alone,
): Promise<'done' | 'gone' | 'failed'> {
  const row = await context.state.get<Timer>(timerKey(key));
  if (row === undefined) return 'gone';
  const handler = handlerOf(row.body, handlers);
  if (handler === undefined) return leaveToNewer(row, context);
  const counted = isCounted ? row : { ...row, body: { ...row.body, attempts: (row.body.attempts ?? 0) + 1 } };
  return fire(counted, handler, context, isTouched);
}

/**
 * Counts an attempt in the timer's row before {@link fireAlone}: for a timer that may have ended the process before
 * this one. One that has been begun too often becomes a dead letter.
 * @throws as {@link fireTimer}
 */
export async function beginAlone(
  key: Pick<Timer, 'due' | 'id'>,
  handlers: TimerHandlers,
  context: Context,
): Promise<'begun' | 'gone' | 'failed'> {
  const row = await context.state.get<Timer>(timerKey(key));
  if (row === undefined) return 'gone';
  // Nothing is going to be done.
  if (handlerOf(row.body, handlers) === undefined) return 'begun';
  const claimed = await claim(row, context);
  if (claimed === 'failed') return 'failed';
  return claimed === undefined ? 'gone' : 'begun';
}

function handlerOf({ kind }: Timer, handlers: TimerHandlers): TimerHandler | undefined {
  return Object.hasOwn(handlers, kind) ? (handlers[kind] as TimerHandler) : undefined;
}

async function fire(
  claimed: Row<Timer>,
  handler: TimerHandler,
  context: Context,
  isTouched: () => boolean,
): Promise<'done' | 'failed'> {
  // A handler that schedules the same timer anew must not hand on the attempts at this one.
  const { attempts, claimedUntil: _claim, unknownSince: _since, ...timer } = claimed.body;
  const log = context.log.with({ timer: timer.id, kind: timer.kind });
  let outcome: void | typeof unfinished;
  try {
    outcome = await handler(timer, { ...context, log });
  } catch (error) {
    log.warn('a timer failed', { error, attempts });
    if (!isTouched()) await putOff(claimed, error, context);
    return 'failed';
  }
  // Most handlers have finished the timer in the write that records its effect; a timer scheduled anew stands.
  if (isTouched()) return 'done';
  // One that stopped at its deadline falls due again at once. No attempt is counted: it got on.
  if (outcome === unfinished) await moveTo(claimed, { attempts: undefined, due: context.clock.now() }, context);
  else await removeIfUnchanged(claimed, context);
  return 'done';
}

/**
 * Claims a timer, and counts the attempt before the work begins: a worker that is killed has had it.
 * @returns undefined when another worker was quicker; `failed` when it was begun too often, and is a dead letter now
 */
async function claim(row: Row<Timer>, context: Context): Promise<Row<Timer> | undefined | 'failed'> {
  const attempts = row.body.attempts ?? 0;
  if (attempts >= mostAttempts) {
    await giveUp(row, workerDied, context);
    return 'failed';
  }
  try {
    return await context.state.write<Timer>({
      update: timerKey(row.body),
      set: { claimedUntil: context.clock.now() + claimLasts, attempts: attempts + 1 },
      when: { version: row.version },
    });
  } catch (error) {
    if (error instanceof ConditionFailed) return undefined;
    // The row cannot take the claim, and never will: it is as large as a row can be, say.
    if (!isFinal(error)) throw error;
    await giveUp(row, describeError(error), context);
    return 'failed';
  }
}

/** Another attempt later, or the end of the attempts. */
async function putOff(row: Row<Timer>, error: unknown, context: Context): Promise<void> {
  const pause = retryPauses[(row.body.attempts ?? 1) - 1];
  if (pause === undefined) await giveUp(row, describeError(error), context);
  else await moveTo(row, { due: context.clock.now() + pause }, context);
}

/**
 * A kind that nobody knows here is one of a newer version, while a deploy is under way: no attempt is counted, and the
 * newer version gets it soon. After a day none is coming.
 */
async function leaveToNewer(row: Row<Timer>, context: Context): Promise<'failed'> {
  const { id, kind, unknownSince = context.clock.now() } = row.body;
  const now = context.clock.now();
  context.log.warn('a timer is of a kind that this version does not know', { timer: id, kind });
  if (now - unknownSince >= unknownPatience) await giveUp(row, `no timer of the kind ${kind} is registered`, context);
  else await moveTo(row, { due: now + unknownPause, unknownSince }, context);
  return 'failed';
}
