/** Walks a job's targets page by page: to cancel those that run, or to end those whose time is over. */
import type { Context } from '../../core/context.ts';
import { isOver } from '../../core/deadline.ts';
import { retryOnConflict } from '../../core/retry-on-conflict.ts';
import type { JobBody, Sweep } from './job.ts';
import type { JobKind } from './kind.ts';
import type { Outcome } from './lease.ts';
import { readJob, updateJob } from './store.ts';

/** Pages after which the job remembers how far the walk has come: a worker that dies repeats no more than these. */
const pagesPerRecord = 16;

/** The walk that a job needs now, and from where. */
function sweepOf(job: JobBody, now: number): Sweep | undefined {
  if (job.phase !== 'running') return undefined;
  if (job.expiresAt !== undefined && now >= job.expiresAt)
    // One that came to its end is begun again: the job would be over if it had missed nothing.
    return job.sweep?.what === 'overdue' && !job.sweep.done ? job.sweep : { what: 'overdue', done: false };
  if (!job.cancelRequested) return undefined;
  const sweep: Sweep = job.sweep ?? { what: 'cancel', done: false };
  return sweep.done ? undefined : sweep;
}

/** Does the walk that is due, if one is, until its end or until the deadline is near. Repeating it is harmless. */
export async function sweepJob<Job extends JobBody>(
  kind: JobKind<Job>,
  jobId: string,
  context: Context,
): Promise<Outcome> {
  const job = (await readJob(kind, jobId, context.state))?.body;
  const sweep = job === undefined ? undefined : sweepOf(job, context.clock.now());
  if (job === undefined || sweep === undefined) return 'idle';
  let { after } = sweep;
  // A walk that is begun anew each time needs no record that it came to its end.
  let needsEnd = sweep.what === 'cancel' || after !== undefined;
  for (let page = 1; ; page++) {
    after = await kind.sweepTargets(job, sweep.what, after, context);
    if (after === undefined) break;
    const over = isOver(context);
    if (!over && page % pagesPerRecord !== 0) continue;
    needsEnd = true;
    await record({ what: sweep.what, after, done: false });
    if (over) return 'unfinished';
  }
  if (needsEnd) await record({ what: sweep.what, done: true });
  return 'idle';

  async function record(reached: Sweep): Promise<void> {
    await retryOnConflict(async () => {
      const row = await readJob(kind, jobId, context.state);
      if (row?.body.phase !== 'running') return;
      await context.state.write(updateJob(kind, jobId, row.version, { sweep: reached } as Partial<Job>));
    }, context);
  }
}
