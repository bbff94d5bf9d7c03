/** A node that now matches an association joins its execution, where that has already passed the node's place. */
import type { Context } from '../../../core/context.ts';
import { reopenJob } from '../../fan-out/index.ts';
import type { NodeAsTarget } from '../../nodes/index.ts';
import { executionKind, nudgeExecution } from './execution-job.ts';
import { jobIdOf } from './execution-deltas.ts';
import { prepareRun, startOnNode } from './start-on-node.ts';
import {
  nodeAssociationKey,
  readExecution,
  type AssociationItem,
  type ExecutionItem,
  type NodeAssociationItem,
} from './store.ts';
import type { Candidate } from './target-entries.ts';

/**
 * @param target read before the association's targets were judged
 * @returns false where the execution has yet to reach the node, and will start on it then
 * @throws ConditionFailed where the node, its tags or the execution have changed meanwhile
 */
export async function joinExecution(
  target: NodeAsTarget,
  candidate: Candidate<AssociationItem>,
  context: Context,
): Promise<boolean> {
  const { associationId, executionId } = candidate.association;
  const execution = await readExecution(context.state, associationId, executionId);
  if (execution === undefined) return true;
  if (!hasPassed(execution.body, target.node.id)) return false;
  const run = await prepareRun(candidate, execution.body, context);
  if (typeof run === 'string') return true;
  const row = await context.state.get<NodeAssociationItem>(nodeAssociationKey(target.node.id, associationId));
  const start = row === undefined ? startOnNode(run, target, row, context) : undefined;
  if (start === undefined) return true;
  // One that was over is looked after again: of many nodes that join it at once, one arms its timer.
  const reopening = reopenJob(executionKind, jobIdOf(execution.body), execution, context);
  await context.state.transact([...start.writes, ...reopening]);
  if (start.wakes) context.mailbox.wake(target.node.id);
  nudgeExecution(execution.body, context);
  return true;
}

/** Whether the execution has passed the node's place in the order of ids. Before that the node waits for its turn. */
function hasPassed({ exhausted, stopped, startedAfter }: ExecutionItem, nodeId: string): boolean {
  return (exhausted === true && !stopped) || (startedAfter !== undefined && nodeId <= startedAfter.nodeId);
}
