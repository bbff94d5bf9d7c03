/** What a job's timer does: all that the job needs now, as far as the deadline allows. */
import type { Context } from '../../core/context.ts';
import { manyAtOnce } from '../../core/many-at-once.ts';
import { timersUntil, timerShards, unfinished, type Timer, type TimerHandler } from '../../core/timers.ts';
import type { JobBody } from './job.ts';
import type { JobKind } from './kind.ts';
import { isCurrent } from './look-timer.ts';
import { lookAgain, progressJob } from './progress.ts';
import { spreadJob } from './spread.ts';
import { readJob } from './store.ts';
import { sweepJob } from './sweep.ts';

/**
 * The handler of a kind's timers.
 * @example
 * export const room = { name: 'run-command', timers: { [commandKind.timerKind]: lookAfter(commandKind) } };
 */
export function lookAfter<Job extends JobBody>(kind: JobKind<Job>): TimerHandler {
  return async (timer: Timer, context: Context) => {
    const job = (await readJob(kind, timer.key, context.state))?.body;
    // A job that is over, and a timer that another has replaced: the clock removes the timer.
    if (job === undefined || (job.phase === 'done' && !kind.reopens) || !isCurrent(timer, job)) return;
    const outcome = await takeOn(kind, timer, job, context);
    if (outcome === 'unfinished') return (await isReplaced(kind, timer, context)) ? undefined : unfinished;
    if (outcome === 'taken') await lookAgain(kind, timer.key, context, timer);
  };
}

/** A cancel has moved the look to another timer: that one goes on. */
async function isReplaced<Job extends JobBody>(kind: JobKind<Job>, timer: Timer, context: Context): Promise<boolean> {
  const job = (await readJob(kind, timer.key, context.state))?.body;
  return job === undefined || !isCurrent(timer, job);
}

async function takeOn<Job extends JobBody>(
  kind: JobKind<Job>,
  timer: Timer,
  job: Job,
  context: Context,
): Promise<'idle' | 'unfinished' | 'taken'> {
  const jobId = timer.key;
  if (job.phase === 'spreading' && (await spreadJob(kind, jobId, context)) === 'unfinished') return 'unfinished';
  // What has been reported in time is counted before the rest is ended.
  const isOverdue = job.expiresAt !== undefined && context.clock.now() >= job.expiresAt;
  if (isOverdue && (await progressJob(kind, jobId, context)) === 'unfinished') return 'unfinished';
  if ((await sweepJob(kind, jobId, context)) === 'unfinished') return 'unfinished';
  return progressJob(kind, jobId, context, timer);
}

/** Beside what a start has to answer first. */
const atOnce = 8;

/**
 * Takes on every job of a kind, when a process starts: what the process before it had taken in and not counted is rows,
 * but the nudge to count them died with it. The jobs' own timers would find them later.
 */
export async function resumeJobs<Job extends JobBody>(kind: JobKind<Job>, context: Context): Promise<void> {
  await manyAtOnce(runningJobs(kind, context), atOnce, async (jobId) => {
    await progressJob(kind, jobId, context);
  });
}

/** Each has a timer, and none of them is further away than the longest pause between two looks. */
async function* runningJobs(
  { timerKind, longestPause }: Pick<JobKind<never>, 'timerKind' | 'longestPause'>,
  { state, clock }: Context,
): AsyncGenerator<string> {
  for (let shard = 0; shard < timerShards; shard++) {
    let after: string | undefined;
    do {
      const page = await state.query<Timer>({ ...timersUntil(shard, clock.now() + longestPause), limit: 100, after });
      for (const { body } of page.rows) if (body.kind === timerKind) yield body.key;
      after = page.next;
    } while (after !== undefined);
  }
}
