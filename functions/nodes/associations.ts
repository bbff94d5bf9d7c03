/** How many of a node's associations are in each state, counted beside the node by the room that owns associations. */
import type { Delete, Update } from '../../core/state.ts';
import { associationsKey, type AssociationState } from './store.ts';

export interface AssociationChange {
  /** Absent: the node did not have it. */
  readonly from?: AssociationState | undefined;
  /** Absent: it is the node's no more. */
  readonly to?: AssociationState | undefined;
  /** When it ran, if that is what changed it; epoch milliseconds. */
  readonly ranAt?: number | undefined;
}

/**
 * The write that counts a change, for the transaction that makes it: a change made once is counted once. None when
 * nothing is to be counted.
 */
export function associationChange(nodeId: string, { from, to, ranAt }: AssociationChange): Update[] {
  if (from === to && ranAt === undefined) return [];
  const times =
    ranAt === undefined ? {} : { lastExecutionAt: ranAt, ...(to === 'Success' ? { lastSuccessAt: ranAt } : {}) };
  const add =
    from === to ? {} : { ...(from === undefined ? {} : { [from]: -1 }), ...(to === undefined ? {} : { [to]: 1 }) };
  return [{ update: associationsKey(nodeId), set: times, add }];
}

/** For a node that is gone: what was counted after it went. */
export function forgetAssociations(nodeId: string): Delete {
  return { delete: associationsKey(nodeId) };
}
