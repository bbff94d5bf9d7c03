/** ListInstanceAssociations and UpdateInstanceAssociationStatus: what agents ask and tell. */
import { createHash } from 'node:crypto';
import type { AgentOperations, InstanceAssociation, UpdateInstanceAssociationStatusInput } from '../../../core/agent-operations.ts';
import type { RequestContext } from '../../../core/context.ts';
import { AccessDeniedException, InvalidDocument, InvalidDocumentVersion, ValidationException } from '../../../core/errors.ts';
import { decodeToken, encodeToken } from '../../../core/pagination.ts';
import { retryOnConflict } from '../../../core/retry-on-conflict.ts';
import type { Row, Write } from '../../../core/state.ts';
import { resolveDocument } from '../../change-management/documents/index.ts';
import { AssociationDoesNotExist } from './errors.ts';
import { nodeAssociationChanged } from './events.ts';
import { bringUpToDate } from './node-associations.ts';
import { nudge } from './progress-execution.ts';
import { coarse, isForward, isNodeState, isTerminal, type NodeState } from './states.ts';
import { associationKey, nodeAssociationKey, nodePartition, putNews, readAssociation, readExecution, type AssociationItem, type NodeAssociationItem } from './store.ts';
import { progressTimer } from './timers.ts';

const pageSize = 20;
const purpose = 'ListInstanceAssociations';
/** Under which prefix of the service's own bucket the output of collecting documents lies. */
const collectedPrefix = 'collected-associations';
/** Of a summary, as much as the API shows. */
const summaryLength = 512;

export const agentOperations = {
  /**
   * What is Pending here the agent runs now; nothing else, for no schedule is told: it is the service that
   * says when. A node asks when it starts and every ten minutes, and so finds what it missed while it was away.
   */
  ListInstanceAssociations: async ({ InstanceId: nodeId, MaxResults: limit = pageSize, NextToken: token }, context) => {
    checkSelf(nodeId, 'ListInstanceAssociations', context);
    if (token === undefined) await bringUpToDate(nodeId, context);
    const from = token === undefined ? {} : { from: (await decodeToken<{ from: string }>(context, token, purpose)).from };
    const { rows } = await context.state.query<NodeAssociationItem>({ pk: nodePartition(nodeId), ...from, limit: limit + 1 });
    const next = rows[limit]?.sk;
    const shown = rows.slice(0, limit).map((row) => row.body);
    const associations = new Map((await context.state.getMany<AssociationItem>(shown.map(({ associationId }) => associationKey(associationId)))).map((row) => [row.body.associationId, row.body]));
    const listed = await Promise.all(shown.map((node) => listOne(node, associations.get(node.associationId), context)));
    return { Associations: listed.filter((one) => one !== undefined), ...(next === undefined ? {} : { NextToken: await encodeToken(context, { from: next }, purpose) }) };
  },

  /** Late, twice and out of order: a run only moves forward. */
  UpdateInstanceAssociationStatus: async (input, context) => {
    checkSelf(input.InstanceId, 'UpdateInstanceAssociationStatus', context);
    const { Status: state } = input.ExecutionResult;
    if (!isNodeState(state)) throw new ValidationException(`${state} is not the status of an association.`);
    const executionId = await retryOnConflict(() => takeIn(input, state, context));
    if (executionId !== undefined) nudge(input.AssociationId, executionId, context);
    return {};
  },
} satisfies AgentOperations;

function checkSelf(nodeId: string, operation: string, { caller, log }: RequestContext): void {
  if (caller.kind === 'node' && caller.nodeId === nodeId) return;
  log.warn('associations of another node refused', { caller: caller.arn, nodeId });
  throw new AccessDeniedException(`User: ${caller.arn} is not authorized to perform: ssm:${operation} on resource: ${nodeId}`);
}

async function listOne(node: NodeAssociationItem, association: AssociationItem | undefined, context: RequestContext): Promise<InstanceAssociation | undefined> {
  if (association === undefined) return undefined;
  try {
    const document = await resolveDocument(context, association.documentName, association.documentVersion);
    const location = document.collects ? { OutputS3BucketName: context.serviceBucket, OutputS3KeyPrefix: collectedPrefix, OutputS3Region: context.region } : association.outputLocation?.S3Location;
    return {
      AssociationId: node.associationId,
      InstanceId: node.nodeId,
      Name: association.documentName,
      DocumentVersion: document.documentVersion,
      AssociationVersion: String(association.associationVersion),
      // Agents keep the document until this changes.
      Checksum: createHash('sha256').update(JSON.stringify([document.hash, document.documentVersion, association.associationVersion])).digest('hex'),
      ...(association.parameters === undefined ? {} : { Parameters: association.parameters }),
      DetailedStatus: node.state,
      Status: coarse(node.state),
      ...(node.executionDate === undefined ? {} : { LastExecutionDate: new Date(node.executionDate) }),
      ...(location === undefined ? {} : { OutputLocation: { S3Location: defined(location) } }),
      Targets: association.targets.map(({ Key = '', Values = [] }) => ({ Key, Values })),
    };
  } catch (error) {
    // Its document is gone: the next run says so, and there is nothing that the node could do.
    if (error instanceof InvalidDocument || error instanceof InvalidDocumentVersion) return undefined;
    throw error;
  }
}

function defined(location: { OutputS3BucketName?: string | undefined; OutputS3KeyPrefix?: string | undefined; OutputS3Region?: string | undefined }) {
  const { OutputS3BucketName: bucket, OutputS3KeyPrefix: prefix, OutputS3Region: region } = location;
  return {
    ...(bucket === undefined ? {} : { OutputS3BucketName: bucket }),
    ...(prefix === undefined ? {} : { OutputS3KeyPrefix: prefix }),
    ...(region === undefined ? {} : { OutputS3Region: region }),
  };
}

/** @returns the execution whose counters have something new to take in */
async function takeIn({ AssociationId: associationId, InstanceId: nodeId, ExecutionResult: result }: UpdateInstanceAssociationStatusInput, state: NodeState, context: RequestContext): Promise<string | undefined> {
  const [row, association] = await Promise.all([context.state.get<NodeAssociationItem>(nodeAssociationKey(nodeId, associationId)), readAssociation(context.state, associationId)]);
  if (row === undefined || association === undefined) throw new AssociationDoesNotExist('The specified association does not exist.');
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
  const writes: Write[] = [{ put: nodeAssociationKey(nodeId, associationId), body: after, when: { version: row.version }, events }];
  if (isTerminal(state)) writes.push(...(await endWrites(row, state, context)));
  await context.state.transact(writes);
  return isTerminal(state) ? before.executionId : undefined;
}

async function endWrites(row: Row<NodeAssociationItem>, state: NodeState, context: RequestContext): Promise<Write[]> {
  const { nodeId, associationId, executionId, state: from, holds, ends } = row.body;
  if (!isTerminal(from)) return [putNews(executionId, { nodeId, to: state, holds }, ends, context.clock.now())];
  if (from === state) return [];
  // The node ran it once more: the execution may be over, and nothing look after it any longer.
  const execution = await readExecution(context.state, associationId, executionId);
  return [putNews(executionId, { nodeId, from, to: state, holds }, ends, context.clock.now()), ...(execution === undefined ? [] : [progressTimer(execution.body, context)])];
}
