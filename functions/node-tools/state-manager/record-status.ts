/** What a node reports of a run: how far it is, how it ended. */
import type { UpdateInstanceAssociationStatusInput } from '../../../core/agent-operations.ts';
import type { Context } from '../../../core/context.ts';
import { retryOnConflict } from '../../../core/retry-on-conflict.ts';
import type { Write } from '../../../core/state.ts';
import { reopenJob } from '../../fan-out/index.ts';
import { associationChange } from '../../nodes/index.ts';
import { AssociationDoesNotExist } from './errors.ts';
import { nodeAssociationChanged } from './events.ts';
import { executionDelta, jobIdOf } from './execution-deltas.ts';
import { executionKind, nudgeExecution } from './execution-job.ts';
import { endedDelta, endName } from './remove-from-node.ts';
import { isForward, isTerminal, type NodeState } from './states.ts';
import {
  nodeAssociationKey,
  putNodeAssociation,
  readAssociation,
  readExecution,
  type NodeAssociationItem,
} from './store.ts';

/** Of a summary, as much as the API shows. */
const summaryLength = 512;

export interface StatusReport extends UpdateInstanceAssociationStatusInput {
  /** Its status, known to be one. */
  readonly state: NodeState;
}

/**
 * Late, twice and out of order: a run only moves forward.
 * @throws AssociationDoesNotExist when the node has no such association
 */
export async function recordStatus(report: StatusReport, context: Context): Promise<void> {
  const ended = await retryOnConflict(() => recordOnce(report, context), context);
  if (ended !== undefined) nudgeExecution(ended, context);
}

/** @returns the run whose execution has something to count */
async function recordOnce(
  { AssociationId: associationId, InstanceId: nodeId, ExecutionResult: result, state }: StatusReport,
  context: Context,
): Promise<NodeAssociationItem | undefined> {
  const [row, association] = await Promise.all([
    context.state.get<NodeAssociationItem>(nodeAssociationKey(nodeId, associationId)),
    readAssociation(context.state, associationId),
  ]);
  if (row === undefined || association === undefined)
    throw new AssociationDoesNotExist('The specified association does not exist.');
  const before = row.body;
  const sameStep = state === 'InProgress' && before.state === 'InProgress';
  if (!isForward(before.state, state) && !sameStep) return undefined;
  const now = context.clock.now();
  const after: NodeAssociationItem = {
    ...before,
    state,
    detail: undefined,
    errorCode: result.ErrorCode || undefined,
    executionSummary: result.ExecutionSummary?.slice(0, summaryLength),
    outputUrl: result.OutputUrl?.S3OutputUrl?.OutputUrl || undefined,
    executionDate: result.ExecutionDate?.getTime() ?? now,
    since: now,
    ends: isTerminal(state) ? before.ends + 1 : before.ends,
  };
  const events = before.state === state ? [] : [nodeAssociationChanged(association.body, after, context)];
  await context.state.transact([
    putNodeAssociation(after, row, events),
    ...associationChange(nodeId, { from: before.state, to: state, ranAt: after.executionDate }),
    ...(isTerminal(state) ? await countEnd(before, state, context) : []),
  ]);
  return isTerminal(state) ? before : undefined;
}

/** What the end of a run changes in its execution's counters. */
async function countEnd(before: NodeAssociationItem, state: NodeState, context: Context): Promise<Write[]> {
  if (!isTerminal(before.state)) return endedDelta(before, state, context);
  if (before.state === state) return [];
  // The node ran it once more: the execution may be over, and then it is looked after again.
  const execution = await readExecution(context.state, before.associationId, before.executionId);
  if (execution === undefined) return [];
  return [
    executionDelta(
      before,
      execution.body,
      endName(before),
      { tally: { [before.state]: -1, [state]: 1 } },
      context.clock.now(),
    ),
    ...reopenJob(executionKind, jobIdOf(before), execution, context),
  ];
}
