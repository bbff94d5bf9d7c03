/**
 * The look-after timer: each job that runs has exactly one. It finds the targets, goes on past a node that is away,
 * repeats what was lost when a process ended, and ends the job when its time is over. The job's row names it
 * (`lookAt`), and it is armed, moved and ended in the transactions that change that row: so there are never two.
 */
import type { Context } from '../../core/context.ts';
import type { Write } from '../../core/state.ts';
import { finishTimer, rearmTimer, scheduleTimer, type Timer } from '../../core/timers.ts';
import { remaining } from './counters.ts';
import type { JobBody } from './job.ts';
import type { JobKind } from './kind.ts';

const second = 1000;

/** What the timer carries. It stays when the timer comes again at another time, after a failure. */
export interface LookPayload {
  /** The job's `lookAt`: a timer that carries another one has been replaced. */
  readonly lookAt: number;
}

type TimerKind = Pick<JobKind<never>, 'timerKind'>;
type Pauses = Pick<JobKind<never>, 'onePass' | 'longestPause'>;

/**
 * The timer of a look at that time. Its name has the time, so that a timer that comes again late is never put in the
 * place of the one that has replaced it.
 * @param due epoch milliseconds
 */
export function lookTimer({ timerKind }: TimerKind, jobId: string, due: number): Timer<LookPayload> {
  return { id: `${timerKind}#${jobId}#${due}`, kind: timerKind, key: jobId, due, payload: { lookAt: due } };
}

/**
 * When to look next. Replies nudge a job on at once, so looks become rarer as it ages and once there is nothing left to
 * start; none is after the job's time is over.
 * @returns epoch milliseconds
 */
export function nextLook(job: JobBody, kind: Pauses, now: number): number {
  const least = remaining(job, kind) > 0 ? 2 * second : 10 * second;
  const pause = Math.min(kind.longestPause, Math.max(least, (now - job.requestedAt) / 10));
  return Math.ceil(Math.max(now + second, Math.min(now + pause, job.expiresAt ?? Infinity)));
}

/**
 * Arms the first timer of a new job: both go into the transaction that writes the job.
 * @param due epoch milliseconds; absent: a first pause from now
 * @example
 * const { lookAt, timer } = armFirst(commandKind, commandId, command, context);
 * await context.state.transact([putCommand({ ...command, lookAt }), timer]);
 */
export function armFirst(
  kind: TimerKind & Pauses,
  jobId: string,
  job: JobBody,
  context: Context,
  due: number = nextLook(job, kind, context.clock.now()),
): { readonly lookAt: number; readonly timer: Write } {
  return { lookAt: due, timer: scheduleTimer(lookTimer(kind, jobId, due)) };
}

/** Whether a timer that fires is the one that the job's row names. Rows of older versions name none. */
export function isCurrent(timer: Timer, { lookAt }: Pick<JobBody, 'lookAt'>): boolean {
  return lookAt === undefined || (timer.payload as Partial<LookPayload>).lookAt === lookAt;
}

/** A change of a job's timer: for the job's row, and the rows beside it. */
export interface LookChange {
  readonly set: Pick<JobBody, 'lookAt'>;
  readonly writes: readonly Write[];
}

/** The next look in the place of the timer that fires. */
export function armNext(
  kind: TimerKind & Pauses,
  jobId: string,
  job: JobBody,
  timer: Timer,
  now: number,
  due: number = nextLook(job, kind, now),
): LookChange {
  return { set: { lookAt: due }, writes: rearmTimer(timer, lookTimer(kind, jobId, due)) };
}

/** Moves the next look, whenever it was to be, to another time. @param due epoch milliseconds */
export function moveLook(kind: TimerKind, jobId: string, { lookAt }: Pick<JobBody, 'lookAt'>, due: number): LookChange {
  if (lookAt === due) return { set: {}, writes: [] };
  return {
    set: { lookAt: due },
    writes: [
      ...(lookAt === undefined ? [] : [finishTimer(lookTimer(kind, jobId, lookAt))]),
      scheduleTimer(lookTimer(kind, jobId, due)),
    ],
  };
}

/**
 * Ends the timer with its job.
 * @param timer the one that fires, if one does: after a failure it is kept under another time than it was armed for
 */
export function endLooks(
  kind: TimerKind,
  jobId: string,
  { lookAt }: Pick<JobBody, 'lookAt'>,
  timer: Timer | undefined,
): LookChange {
  const named = timer ?? (lookAt === undefined ? undefined : lookTimer(kind, jobId, lookAt));
  return { set: { lookAt: undefined }, writes: named === undefined ? [] : [finishTimer(named)] };
}
