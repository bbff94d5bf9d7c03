/** Takes an association off a node. */
import type { Context } from '../../../core/context.ts';
import type { Check, Row, Write } from '../../../core/state.ts';
import { associationChange, type NodeAsTarget } from '../../nodes/index.ts';
import { executionDelta } from './execution-deltas.ts';
import { nodeAssociationChanged } from './events.ts';
import { nudgeExecution } from './execution-job.ts';
import { deleteRefreshMessage } from './refresh-message.ts';
import { prepareRun, verdictOn } from './start-on-node.ts';
import { isTerminal, type NodeState } from './states.ts';
import {
  deleteNodeAssociation,
  putNodeAssociation,
  readExecution,
  type AssociationItem,
  type NodeAssociationItem,
} from './store.ts';
import type { Candidate } from './target-entries.ts';

/**
 * Nothing that was done is undone. Its execution counts the node as skipped, where the run had not ended.
 * @param unchanged what must still hold of the node
 * @throws ConditionFailed where the row, or that, has changed
 */
export async function removeFromNode(
  row: Row<NodeAssociationItem>,
  unchanged: readonly Check[],
  context: Context,
): Promise<void> {
  const { nodeId, state } = row.body;
  await context.state.transact([
    deleteNodeAssociation(row),
    deleteRefreshMessage(row.body),
    ...associationChange(nodeId, { from: state }),
    ...(isTerminal(state) ? [] : await endedDelta(row.body, 'Skipped', context)),
    ...unchanged,
  ]);
  nudgeExecution(row.body, context);
}

/**
 * Skips a run that waits for a node which turns out not to be one for it: its platform is known by now.
 * @throws ConditionFailed where the row or the node has changed
 */
export async function skipOnNode(
  row: Row<NodeAssociationItem>,
  candidate: Candidate<AssociationItem>,
  { node, unchanged }: NodeAsTarget,
  context: Context,
): Promise<void> {
  const before = row.body;
  const run = await prepareRun(candidate, { ...before, run: before.run ?? 0, deltaShards: 1 }, context);
  const verdict = typeof run === 'string' ? undefined : verdictOn(run, node);
  if (verdict?.state !== 'Skipped') return;
  const item: NodeAssociationItem = {
    ...before,
    state: 'Skipped',
    detail: verdict.detail,
    since: context.clock.now(),
    ends: before.ends + 1,
  };
  await context.state.transact([
    putNodeAssociation(item, row, [nodeAssociationChanged(candidate.association, item, context)]),
    deleteRefreshMessage(before),
    ...associationChange(node.id, { from: before.state, to: item.state }),
    ...(await endedDelta(before, 'Skipped', context)),
    ...unchanged,
  ]);
  nudgeExecution(before, context);
}

/** The delta of a run that was under way and has ended. None where its execution is forgotten. */
export async function endedDelta(before: NodeAssociationItem, to: NodeState, context: Context): Promise<Write[]> {
  const execution = await readExecution(context.state, before.associationId, before.executionId);
  if (execution === undefined) return [];
  const underWay = before.isLimited === true ? -1 : 0;
  return [
    executionDelta(
      before,
      execution.body,
      endName(before),
      { finished: 1, underWay, tally: { [to]: 1 } },
      context.clock.now(),
    ),
  ];
}

/** Names the delta of the next end. */
export function endName({ run, jobId, ends }: NodeAssociationItem): string {
  return `ended-${run}-${jobId}-${ends}`;
}
