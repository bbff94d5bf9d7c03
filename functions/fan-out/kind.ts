/** What a kind of work gives the engine: how its targets are found, started and ended, and what its counters mean. */
import type { Context } from '../../core/context.ts';
import type { OutgoingEvent } from '../../core/events.ts';
import type { Key, Write } from '../../core/state.ts';
import type { CounterDelta, JobBody } from './job.ts';

/** Why a target ends before it has started. */
export type EndUnstarted = 'cancelled' | 'stopped';

/**
 * A kind of job. All hooks must be safe to repeat: the engine calls them again after a conflict, and decides by the
 * version of the job's row which call counts.
 */
export interface JobKind<Job extends JobBody = JobBody> {
  /** Names its look-after timers: `progress-command`. One handler of {@link lookAfter} is registered under it. */
  readonly timerKind: string;
  /** Counter deltas lie under `<prefix>#<job id>#<shard>`. */
  readonly deltaPrefix: string;
  /** The rows by which an alarm finds its jobs lie under `<prefix>#<alarm>`. */
  readonly alarmPrefix: string;
  /** The version of the shape of its jobs' rows, where that is not 1 (core/state.ts). */
  readonly shape?: number;
  /** Where a job is kept. A job's id may not contain what makes two ids one key. */
  jobKey(jobId: string): Key;
  /**
   * Whether it begins with one target and doubles from there, waiting for acknowledgements. Otherwise it begins with
   * as many as MaxConcurrency allows.
   */
  readonly rampUp: boolean;
  /**
   * Whether targets are found as they are started, so that `beginTargets` says when there are no more. Otherwise they
   * are all found first, each with a row of its own.
   */
  readonly onePass: boolean;
  /** Whether targets may still join or end once more after the end of a job. */
  readonly reopens: boolean;
  /** Milliseconds between two looks at a job, at the most. */
  readonly longestPause: number;
  /**
   * Of one round, which is one transaction of 100 rows: counter deltas (one row each), and targets that begin. Both
   * together leave room for the job, its timer's two rows, and what `judge` adds.
   */
  readonly perRound: { readonly deltas: number; readonly targets: number };

  /** Whether a state counts against MaxErrors. */
  isError(state: string): boolean;

  /** The next targets while spreading, after `job.spreadAfter`. */
  findTargets(job: Job, context: Context): Promise<FoundTargets>;
  /** What changes of the job when all targets are found. @param job with the final `targetCount` */
  whenFound?(job: Job, context: Context): Partial<Job>;

  /** Starts the next targets after `job.startedAfter`, or ends them unstarted where `end` says so. */
  beginTargets(
    job: Job,
    options: { readonly limit: number; readonly end: EndUnstarted | undefined },
    context: Context,
  ): Promise<BegunTargets<Job>>;

  /**
   * What the new counters mean: the job's state, its events, further rows. It must change nothing where nothing has
   * changed.
   */
  judge(change: JobChange<Job>, context: Context): Judgement<Job> | Promise<Judgement<Job>>;

  /** What changes of a job at once when its end is asked for: `{ state: 'Cancelling' }`. */
  whenCancelled(job: Job): Partial<Job>;

  /**
   * Goes over one page of targets, cancels or ends the open ones, and writes their counter deltas.
   * @returns the cursor of the next page; undefined at the end
   */
  sweepTargets(
    job: Job,
    what: 'cancel' | 'overdue',
    after: string | undefined,
    context: Context,
  ): Promise<string | undefined>;

  /** A delta as an older version wrote it. */
  readDelta?(body: object): CounterDelta;
  /** Called after each commit that changed a job. */
  whenChanged?(jobId: string, context: Context): void;
}

export interface FoundTargets {
  /** In the order of finding. A target's id is the cursor by which finding goes on after it. */
  readonly targets: readonly { readonly id: string; readonly writes: readonly Write[] }[];
  /** The cursor of the next batch; absent at the end. */
  readonly next?: string | undefined;
}

export interface BegunTargets<Job extends JobBody = JobBody> {
  readonly begun: readonly BegunTarget[];
  readonly startedAfter?: Job['startedAfter'];
  /** Of a one-pass kind: there are no more targets. */
  readonly exhausted?: boolean;
  /** Further changes of the job. */
  readonly set?: Partial<Job>;
}

/** One target that was started, ended unstarted, or found to be over. */
export interface BegunTarget {
  readonly writes: readonly Write[];
  /** It is over: no delta will come of it. */
  readonly over: boolean;
  /** The state to count for a target that is over and that nobody else counts. */
  readonly state?: string | undefined;
  /** What it adds to `job.underWay`, of kinds that keep that. */
  readonly underWay?: number;
  /** The node whose mailbox has a message now. */
  readonly wakes?: string | undefined;
}

export interface JobChange<Job extends JobBody = JobBody> {
  /** As it was read. */
  readonly before: Job;
  /** With everything counted and begun. */
  readonly after: Job;
  /** All its targets are over. */
  readonly over: boolean;
  /** The hints of the deltas that were counted. */
  readonly hints: ReadonlySet<string>;
}

export interface Judgement<Job extends JobBody = JobBody> {
  readonly set: Partial<Job>;
  readonly events?: readonly OutgoingEvent[];
  /** Further rows of the same transaction. */
  readonly writes?: readonly Write[];
}
