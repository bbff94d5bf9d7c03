/** Adds up counter deltas, and says what counters mean. Pure. */
import type { CounterDelta, JobBody, Tally } from './job.ts';
import type { JobKind } from './kind.ts';

type Counters = Pick<JobBody, 'tally' | 'started' | 'acknowledged' | 'finished' | 'underWay'>;

export function addToTally(tally: Tally, state: string, count: number): Tally {
  return { ...tally, [state]: (tally[state] ?? 0) + count };
}

/** The counters with deltas added; the order of the deltas does not matter. */
export function addDeltas(counters: Counters, deltas: readonly CounterDelta[]): Counters {
  let { tally, started, acknowledged, finished, underWay } = counters;
  for (const delta of deltas) {
    for (const [state, count = 0] of Object.entries(delta.tally ?? {})) tally = addToTally(tally, state, count);
    started += delta.started ?? 0;
    acknowledged += delta.acknowledged ?? 0;
    finished += delta.finished ?? 0;
    if (underWay !== undefined) underWay += delta.underWay ?? 0;
  }
  return { tally, started, acknowledged, finished, underWay };
}

/** How many targets are over. */
export function completedCount(tally: Tally): number {
  return Object.values(tally).reduce<number>((sum, count = 0) => sum + count, 0);
}

/** How many of them ended in an error. */
export function errorCount(tally: Tally, { isError }: Pick<JobKind<never>, 'isError'>): number {
  return Object.entries(tally).reduce((sum, [state, count = 0]) => sum + (isError(state) ? count : 0), 0);
}

/** How many targets have yet to be started. Infinity where nobody knows. */
export function remaining(job: JobBody, { onePass }: Pick<JobKind<never>, 'onePass'>): number {
  if (onePass) return job.exhausted === true ? 0 : Infinity;
  return Math.max(0, job.targetCount - job.started);
}

/** Whether all targets are over. */
export function isComplete(job: JobBody, { onePass }: Pick<JobKind<never>, 'onePass'>): boolean {
  if (onePass) return job.exhausted === true && job.finished >= job.started;
  return completedCount(job.tally) >= job.targetCount;
}
