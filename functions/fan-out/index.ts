/**
 * The engine for work over many targets: what other rooms may call. A kind of work describes itself once
 * ({@link JobKind}); everything else is the same for all: docs/decisions/0014.
 */
export { cancelJob, stopJobsOfAlarm } from './cancel.ts';
export { addToTally, completedCount } from './counters.ts';
export type { CounterDelta, JobBody, Sweep, Tally } from './job.ts';
export type { BegunTarget, BegunTargets, EndUnstarted, FoundTargets, JobChange, JobKind, Judgement } from './kind.ts';
export { lookAfter, resumeJobs } from './look-after.ts';
export { armFirst } from './look-timer.ts';
export { closeJob, nudgeJob, progressJob, reopenJob } from './progress.ts';
export { maxConcurrencyOf, maxErrorsOf, needsCount, type Limits } from './rate-control.ts';
export { spreadJob } from './spread.ts';
export { alarmRows, counterDelta, deltaPartition, deltaShardsFor, readJob } from './store.ts';
export { sweepJob } from './sweep.ts';
export { waves } from './waves.ts';
