/** What the engine keeps of a job: work over many targets. A kind adds its own attributes to the same row. */
import type { AlarmConfiguration, AlarmStateInformation } from '@aws-sdk/client-ssm';

/** How many targets ended in each state. */
export type Tally = Readonly<Record<string, number | undefined>>;

export interface JobBody {
  /** `spreading`: its targets are still being found; `running`: they are known, or found as it goes; `done`. */
  readonly phase: 'spreading' | 'running' | 'done';
  /** Epoch milliseconds. */
  readonly requestedAt: number;
  /** Epoch milliseconds after which every open target is ended; absent: never. */
  readonly expiresAt?: number | undefined;
  /** A number or a percentage of the targets; absent: no limit. */
  readonly maxConcurrency?: string | undefined;
  /** How many errors are allowed, as a number or a percentage of the targets; absent: no limit. */
  readonly maxErrors?: string | undefined;
  /** The targets found so far; all of them once it runs. */
  readonly targetCount: number;
  /** While spreading: the target after which finding goes on. */
  readonly spreadAfter?: string | undefined;
  /** The targets that are over, by the state in which they ended. */
  readonly tally: Tally;
  /** Targets passed in the order of starting: started, or found to be over. */
  readonly started: number;
  /** Of those, acknowledged by their nodes, or over. */
  readonly acknowledged: number;
  /** Of those, over. */
  readonly finished: number;
  /** How many count against MaxConcurrency, where that is not simply started minus finished. */
  readonly underWay?: number | undefined;
  /** After which target starting goes on: the kind's own cursor. */
  readonly startedAfter?: object | undefined;
  /** Of a kind that finds targets as it starts them: there are no more. */
  readonly exhausted?: boolean | undefined;
  /** How many may be under way at once during ramp-up. */
  readonly window: number;
  /** When the window changed last, or something started. */
  readonly windowSince: number;
  /** There were too many errors, or too many targets: nothing more starts. */
  readonly stopped: boolean;
  /** Somebody, or an alarm, has asked for its end: nothing more starts. */
  readonly cancelRequested: boolean;
  readonly alarmConfiguration?: AlarmConfiguration | undefined;
  /** The alarms that stopped it. */
  readonly triggeredAlarms?: readonly AlarmStateInformation[] | undefined;
  /** Another job has taken its place: nothing of it is counted any more, whatever its targets still report. */
  readonly isClosed?: boolean | undefined;
  /** Over how many partitions its counter deltas are spread, 1–16. Rows of older versions do not say: 16. */
  readonly deltaShards?: number | undefined;
  /** Names the look-after timer that is armed: its due time when it was armed. */
  readonly lookAt?: number | undefined;
  /** The walk over its open targets that is under way, or was last. */
  readonly sweep?: Sweep | undefined;
}

/** A walk over all open targets: to cancel them, or to end them when the job's time is over. */
export interface Sweep {
  readonly what: 'cancel' | 'overdue';
  /** Where it goes on: the kind's own cursor. Absent at its beginning. */
  readonly after?: string | undefined;
  readonly done: boolean;
}

/** A change of a job's counters. It is written with the change of the target that it counts, and added up later. */
export interface CounterDelta {
  /** By state: `{ Success: 1 }`, or `{ Failed: -1, Success: 1 }` for a target that ended once more. */
  readonly tally?: Tally | undefined;
  readonly started?: number | undefined;
  readonly acknowledged?: number | undefined;
  readonly finished?: number | undefined;
  readonly underWay?: number | undefined;
  /** A word for the kind's {@link JobKind.judge}: `delayed`. */
  readonly hint?: string | undefined;
}
