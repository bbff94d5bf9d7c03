/** What of a job starts next, or is ended unstarted. */
import type { Context } from '../../core/context.ts';
import { addToTally, errorCount, remaining } from './counters.ts';
import type { JobBody } from './job.ts';
import type { BegunTarget, EndUnstarted, JobKind } from './kind.ts';
import { decide, maxConcurrencyOf, maxErrorsOf } from './rate-control.ts';

/** Milliseconds that a wave waits for acknowledgements before the next one goes all the same. */
const patience = 1000;

export interface NextTargets<Job extends JobBody> {
  /** The job with everything begun and counted. */
  readonly after: Job;
  readonly begun: readonly BegunTarget[];
  /** How far starting has come: for the job's row. */
  readonly course: Pick<JobBody, 'startedAfter' | 'window' | 'stopped' | 'exhausted'>;
  /** The kind's own changes. */
  readonly set: Partial<Job>;
  /** More may begin at once. */
  readonly more: boolean;
}

/**
 * @param job with what is new counted
 * @param waits nothing begins now: more is to be counted first
 */
export async function nextTargets<Job extends JobBody>(
  kind: JobKind<Job>,
  job: Job,
  context: Context,
  waits = false,
): Promise<NextTargets<Job>> {
  const targets = kind.onePass && job.targetCount === 0 ? Infinity : job.targetCount;
  const limits = {
    maxConcurrency: maxConcurrencyOf(job.maxConcurrency, targets),
    maxErrors: maxErrorsOf(job.maxErrors, targets),
  };
  const underWay = job.underWay ?? job.started - job.finished;
  const spread = {
    targets: job.started + remaining(job, kind),
    started: job.started,
    acknowledged: job.acknowledged,
    completed: job.started - underWay,
    errors: errorCount(job.tally, kind),
  };
  const waited = context.clock.now() - job.windowSince >= patience;
  const decision = decide(spread, limits, kind.rampUp ? job.window : Infinity, waited);
  const stopped = job.stopped || decision.kind === 'stop';
  const end: EndUnstarted | undefined = job.cancelRequested ? 'cancelled' : stopped ? 'stopped' : undefined;
  const most = kind.perRound.targets;
  const limit = end !== undefined ? most : Math.min(most, decision.kind === 'start' ? decision.count : 0);
  const window = kind.rampUp && decision.kind === 'start' ? decision.window : job.window;
  const { startedAfter, exhausted } = job;
  if (waits || limit === 0 || remaining(job, kind) === 0 || job.phase === 'done')
    return {
      after: { ...job, window, stopped },
      begun: [],
      course: { startedAfter, window, stopped, exhausted },
      set: {},
      more: false,
    };
  const found = await kind.beginTargets(job, { limit, end }, context);
  const course = {
    startedAfter: found.startedAfter ?? startedAfter,
    window,
    stopped,
    exhausted: found.exhausted ?? exhausted,
  };
  const over = found.begun.filter((target) => target.over);
  let { tally } = job;
  for (const { state } of over) if (state !== undefined) tally = addToTally(tally, state, 1);
  const after: Job = {
    ...job,
    ...course,
    ...found.set,
    tally,
    started: job.started + found.begun.length,
    acknowledged: job.acknowledged + over.length,
    finished: job.finished + over.length,
    ...(job.underWay === undefined
      ? {}
      : { underWay: found.begun.reduce((sum, { underWay: added = 0 }) => sum + added, job.underWay) }),
  };
  const movedOn = kind.onePass && course.exhausted !== true && found.startedAfter !== undefined;
  return {
    after,
    begun: found.begun,
    course,
    set: found.set ?? {},
    more: found.begun.length === most || over.length > 0 || movedOn,
  };
}
