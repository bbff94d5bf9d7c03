/** What a node tells of a run: how far it is, how it ended. */
import type { UpdateInstanceAssociationStatusInput } from '../../../core/agent-operations.ts';
import type { Context } from '../../../core/context.ts';
import { retryOnConflict } from '../../../core/retry-on-conflict.ts';
import type { Row, Write } from '../../../core/state.ts';
import { associationChange } from '../../nodes/index.ts';
import { AssociationDoesNotExist } from './errors.ts';
import { nodeAssociationChanged } from './events.ts';
import { nudge } from './progress-execution.ts';
import { isForward, isTerminal, type NodeState } from './states.ts';
import { nodeAssociationKey, putNews, readAssociation, readExecution, type NodeAssociationItem } from './store.ts';
import { progressTimer } from './timers.ts';

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
  const executionId = await retryOnConflict(() => takeIn(report, context));
  if (executionId !== undefined) nudge(report.AssociationId, executionId, context);
}

/** @returns the execution whose counters have something new to take in */
async function takeIn(
  { AssociationId: associationId, InstanceId: nodeId, ExecutionResult: result, state }: StatusReport,
  context: Context,
): Promise<string | undefined> {
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
  const writes: Write[] = [
    { put: nodeAssociationKey(nodeId, associationId), body: after, when: { version: row.version }, events },
    ...associationChange(nodeId, { from: before.state, to: state, ranAt: after.executionDate }),
  ];
  if (isTerminal(state)) writes.push(...(await endWrites(row, state, context)));
  await context.state.transact(writes);
  return isTerminal(state) ? before.executionId : undefined;
}

async function endWrites(row: Row<NodeAssociationItem>, state: NodeState, context: Context): Promise<Write[]> {
  const { nodeId, associationId, executionId, state: from, holds, ends } = row.body;
  if (!isTerminal(from)) return [putNews(executionId, { nodeId, to: state, holds }, ends, context.clock.now())];
  if (from === state) return [];
  // The node ran it once more: the execution may be over, and nothing look after it any longer.
  const execution = await readExecution(context.state, associationId, executionId);
  return [
    putNews(executionId, { nodeId, from, to: state, holds }, ends, context.clock.now()),
    ...(execution === undefined ? [] : [progressTimer(execution.body, context)]),
  ];
}
