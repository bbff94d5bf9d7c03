/** The timers of this room, beside the one that looks after an execution: that is the engine's. */
import type { Delete, Put } from '../../../core/state.ts';
import { finishTimer, scheduleTimer } from '../../../core/timers.ts';
import type { GroupChange } from '../../tags/index.ts';

/** Runs an association by its schedule. */
export const runKind = 'run-association';
/** Looks up a node's associations anew. */
export const applyKind = 'apply-associations';
/** Looks up the associations of a group's nodes anew. */
export const groupKind = 'apply-group-change';

/** What the run timer carries. A timer that failed comes again at another time: this stays. */
export interface RunPayload {
  /** Which run it is for: the association's `nextDue`. */
  readonly due: number;
}

const runId = (associationId: string): string => `${runKind}#${associationId}`;

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

/** @param due epoch milliseconds */
export function applyTimer(nodeId: string, due: number): Put {
  return scheduleTimer({ id: `${applyKind}#${nodeId}`, kind: applyKind, key: nodeId, due, payload: {} });
}

/** What the timer of a group's change carries. */
export interface GroupPayload extends Pick<GroupChange, 'query-before' | 'query-after'> {
  /** How far it has come. */
  readonly at?: { readonly query: number; readonly after?: string | undefined };
}

/** @param eventId of the change: delivered twice, it is one timer */
export function groupTimer(group: string, eventId: string, due: number, payload: GroupPayload): Put {
  return scheduleTimer({ id: `${groupKind}#${eventId}`, kind: groupKind, key: group, due, payload });
}
