/** How many of a node's associations are in each state, counted beside the node by the room that owns associations. */
import type { Delete, Update } from '../../core/state.ts';
import { associationsKey, type AssociationState } from './store.ts';

export interface AssociationChange {
  /** Absent: the node did not have it. */
  readonly from?: AssociationState | undefined;
  /** Absent: the node does not have the association any more. */
  readonly to?: AssociationState | undefined;
  /** When the association ran, if that caused the change; epoch milliseconds. */
  readonly ranAt?: number | undefined;
}

/**
 * The write that counts a change. Put it into the transaction of the change, so that each change is counted once.
 * Undefined when there is nothing to count.
 */
export function associationChange(nodeId: string, { from, to, ranAt }: AssociationChange): Update[] {
  if (from === to && ranAt === undefined) return [];
  const times =
    ranAt === undefined ? {} : { lastExecutionAt: ranAt, ...(to === 'Success' ? { lastSuccessAt: ranAt } : {}) };
  const add =
    from === to ? {} : { ...(from === undefined ? {} : { [from]: -1 }), ...(to === undefined ? {} : { [to]: 1 }) };
  return [{ update: associationsKey(nodeId), set: times, add }];
}

/** Deletes what was counted after the node was deleted. */
export function forgetAssociations(nodeId: string): Delete {
  return { delete: associationsKey(nodeId) };
}
