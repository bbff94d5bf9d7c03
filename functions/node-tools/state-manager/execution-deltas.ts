/** The id of an execution among the engine's jobs, and the changes of its counters. */
import type { Key, Put } from '../../../core/state.ts';
import { counterDelta, type CounterDelta } from '../../fan-out/index.ts';
import { executionKey, type ExecutionItem, type NodeAssociationItem } from './store.ts';

export const deltaPrefix = 'ASSOCIATION-DELTAS';

type Named = Pick<ExecutionItem, 'associationId' | 'executionId'>;

export const jobIdOf = ({ associationId, executionId }: Named): string => `${associationId}#${executionId}`;

/** Where the execution of a job is kept. */
export function jobKey(jobId: string): Key {
  const [associationId = '', executionId = ''] = jobId.split('#');
  // The timers of an older version name the association alone: no execution has this id.
  return executionKey(associationId, executionId === '' ? '-' : executionId);
}

/**
 * A change of an execution's counters, for the transaction that changes a node's row.
 * @param node whose change it is
 * @param name the same one written twice is counted once
 */
export function executionDelta(
  { associationId, nodeId }: Pick<NodeAssociationItem, 'associationId' | 'nodeId'>,
  { executionId, deltaShards }: Pick<ExecutionItem, 'executionId' | 'deltaShards'>,
  name: string,
  delta: CounterDelta,
  now: number,
): Put {
  const jobId = jobIdOf({ associationId, executionId });
  return counterDelta({ deltaPrefix }, jobId, { id: nodeId, name, shards: deltaShards }, delta, now);
}
