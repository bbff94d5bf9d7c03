/** The timers of an association: run it when it is due, look after what runs. */
import type { Context } from '../../../core/context.ts';
import type { Delete, Put } from '../../../core/state.ts';
import { finishTimer, scheduleTimer } from '../../../core/timers.ts';
import type { ExecutionItem } from './store.ts';

export const runKind = 'run-association';
export const progressKind = 'progress-association';

/** What the progress timer carries. */
export interface ProgressPayload {
  readonly executionId: string;
}

const second = 1000;
const longestPause = 5 * 60 * second;

const runId = (associationId: string): string => `${runKind}#${associationId}`;

/** What the run timer carries. A timer that failed comes again at another time: this stays. */
export interface RunPayload {
  /** Which run it is for: the association's `nextDue`. */
  readonly due: number;
}

/** @param due epoch milliseconds */
export function runTimer(associationId: string, due: number): Put {
  return scheduleTimer({
    id: runId(associationId),
    kind: runKind,
    key: associationId,
    due,
    payload: { due } satisfies RunPayload,
  });
}

export function cancelRunTimer(associationId: string, due: number): Delete {
  return finishTimer({ id: runId(associationId), due });
}

/**
 * Looks after an execution. Reports nudge it on at once; the timer is for the nudge that was lost. It comes
 * more rarely as the execution ages.
 */
export function progressTimer(
  execution: Pick<ExecutionItem, 'associationId' | 'executionId' | 'createdAt'>,
  context: Context,
): Put {
  const now = context.clock.now();
  const pause = Math.min(longestPause, Math.max(2 * second, (now - execution.createdAt) / 10));
  const { associationId, executionId } = execution;
  return scheduleTimer({
    id: `${progressKind}#${executionId}`,
    kind: progressKind,
    key: associationId,
    due: Math.ceil(now + pause),
    payload: { executionId } satisfies ProgressPayload,
  });
}
