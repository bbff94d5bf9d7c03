/** Finds a job's targets, once, and writes the rows that make them its own. */
import type { Context } from '../../core/context.ts';
import type { JobBody } from './job.ts';
import type { FoundTargets, JobKind } from './kind.ts';
import type { Outcome } from './lease.ts';
import { oneStep } from './one-step.ts';
import { readJob, updateJob } from './store.ts';

/** Rows of targets in one transaction of 100: the job comes with them. */
const rowsPerTransaction = 97;

/**
 * Goes on from where it was, whoever was at it before, until all targets are found or the deadline is near. Nothing
 * starts before all are found: percentages need to know of how many.
 */
export async function spreadJob<Job extends JobBody>(
  kind: JobKind<Job>,
  jobId: string,
  context: Context,
): Promise<Outcome> {
  for (;;) {
    // Each batch is recorded before the next one is looked up. One is done however late it is: a call that did none
    // would be followed by another one like it.
    const outcome = await oneStep(() => spreadBatch(kind, jobId, context), context);
    if (outcome !== 'more') return outcome;
  }
}

/**
 * Targets are written together with the count of them and the place to go on from: a tag that moves, a cancel or a
 * crash in the middle leaves none that the job does not know of.
 * @returns whether there are more targets to find
 */
async function spreadBatch<Job extends JobBody>(kind: JobKind<Job>, jobId: string, context: Context): Promise<boolean> {
  const row = await readJob(kind, jobId, context.state);
  if (row === undefined || row.body.phase !== 'spreading') return false;
  const job = row.body;
  // A cancelled job needs no more targets: those that exist are enough to cancel.
  const found: FoundTargets = job.cancelRequested ? { targets: [] } : await kind.findTargets(job, context);
  const chunks = chunksOf(found.targets);
  let { version } = row;
  let { targetCount } = job;
  for (const [place, chunk] of chunks.entries()) {
    const isLast = place === chunks.length - 1;
    targetCount += chunk.length;
    const spreadAfter = isLast ? found.next : chunk.at(-1)?.id;
    const set: Partial<JobBody> =
      spreadAfter === undefined
        ? { targetCount, phase: 'running', ...kind.whenFound?.({ ...job, targetCount }, context) }
        : { targetCount, spreadAfter };
    await context.state.transact([
      ...chunk.flatMap(({ writes }) => writes),
      updateJob(kind, jobId, version, set as Partial<Job>),
    ]);
    version++;
  }
  return found.next !== undefined;
}

/** As many targets as fit a transaction each; one chunk where there are none. */
function chunksOf(targets: FoundTargets['targets']): FoundTargets['targets'][] {
  const chunks: FoundTargets['targets'][number][][] = [[]];
  let rows = 0;
  for (const target of targets) {
    if (rows + target.writes.length > rowsPerTransaction) {
      chunks.push([]);
      rows = 0;
    }
    chunks.at(-1)!.push(target);
    rows += target.writes.length;
  }
  return chunks;
}
