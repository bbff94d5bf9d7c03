/** ListInstanceAssociations and UpdateInstanceAssociationStatus: what agents ask and tell. */
import { createHash } from 'node:crypto';
import type { AgentOperations, InstanceAssociation } from '../../../core/agent-operations.ts';
import type { RequestContext } from '../../../core/context.ts';
import {
  AccessDeniedException,
  InvalidDocument,
  InvalidDocumentVersion,
  ValidationException,
} from '../../../core/errors.ts';
import { decodeToken, encodeToken } from '../../../core/pagination.ts';
import { resolveDocument } from '../../change-management/documents/index.ts';
import { isOnlyForAdmins, mayRunOn } from '../../nodes/index.ts';
import { bringUpToDate } from './node-associations.ts';
import { recordStatus } from './record-status.ts';
import { coarse, isNodeState } from './states.ts';
import { associationKey, nodePartition, type AssociationItem, type NodeAssociationItem } from './store.ts';

const pageSize = 20;
const purpose = 'ListInstanceAssociations';
/** Under which prefix of the service's own bucket the output of collecting documents lies. */
const collectedPrefix = 'collected-associations';

export const agentOperations = {
  /**
   * What is Pending here the agent runs now; nothing else, for no schedule is told: it is the service that
   * says when. A node asks when it starts and every ten minutes, and so finds what it missed while it was away.
   */
  ListInstanceAssociations: async ({ InstanceId: nodeId, MaxResults: limit = pageSize, NextToken: token }, context) => {
    checkSelf(nodeId, 'ListInstanceAssociations', context);
    if (token === undefined) await bringUpToDate(nodeId, context);
    const from =
      token === undefined ? {} : { from: (await decodeToken<{ from: string }>(context, token, purpose)).from };
    const { rows } = await context.state.query<NodeAssociationItem>({
      pk: nodePartition(nodeId),
      ...from,
      limit: limit + 1,
    });
    const next = rows[limit]?.sk;
    const shown = rows.slice(0, limit).map((row) => row.body);
    const associations = new Map(
      (
        await context.state.getMany<AssociationItem>(shown.map(({ associationId }) => associationKey(associationId)))
      ).map((row) => [row.body.associationId, row.body]),
    );
    const adminsOnly = await isOnlyForAdmins(context, nodeId);
    const listed = await Promise.all(
      shown.map((node) => listOne(node, adminsOnly, associations.get(node.associationId), context)),
    );
    return {
      Associations: listed.filter((one) => one !== undefined),
      ...(next === undefined ? {} : { NextToken: await encodeToken(context, { from: next }, purpose) }),
    };
  },

  /** Late, twice and out of order: a run only moves forward. */
  UpdateInstanceAssociationStatus: async (input, context) => {
    checkSelf(input.InstanceId, 'UpdateInstanceAssociationStatus', context);
    const { Status: state } = input.ExecutionResult;
    if (!isNodeState(state)) throw new ValidationException(`${state} is not the status of an association.`);
    await recordStatus({ ...input, state }, context);
    return {};
  },
} satisfies AgentOperations;

function checkSelf(nodeId: string, operation: string, { caller, log }: RequestContext): void {
  if (caller.kind === 'node' && caller.nodeId === nodeId) return;
  log.warn('associations of another node refused', { caller: caller.arn, nodeId });
  throw new AccessDeniedException(
    `User: ${caller.arn} is not authorized to perform: ssm:${operation} on resource: ${nodeId}`,
  );
}

async function listOne(
  node: NodeAssociationItem,
  adminsOnly: boolean,
  association: AssociationItem | undefined,
  context: RequestContext,
): Promise<InstanceAssociation | undefined> {
  if (association === undefined) return undefined;
  try {
    const document = await resolveDocument(context, association.documentName, association.documentVersion);
    // Given to the node before it was found to be on this machine, or its document has been changed since.
    if (!mayRunOn({ adminsOnly }, association, document)) return undefined;
    const location = document.collects
      ? {
          OutputS3BucketName: context.serviceBucket,
          OutputS3KeyPrefix: collectedPrefix,
          OutputS3Region: context.region,
        }
      : association.outputLocation?.S3Location;
    return {
      AssociationId: node.associationId,
      InstanceId: node.nodeId,
      Name: association.documentName,
      DocumentVersion: document.documentVersion,
      AssociationVersion: String(association.associationVersion),
      // Agents keep the document until this changes.
      Checksum: createHash('sha256')
        .update(JSON.stringify([document.hash, document.documentVersion, association.associationVersion]))
        .digest('hex'),
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

function defined(location: {
  OutputS3BucketName?: string | undefined;
  OutputS3KeyPrefix?: string | undefined;
  OutputS3Region?: string | undefined;
}) {
  const { OutputS3BucketName: bucket, OutputS3KeyPrefix: prefix, OutputS3Region: region } = location;
  return {
    ...(bucket === undefined ? {} : { OutputS3BucketName: bucket }),
    ...(prefix === undefined ? {} : { OutputS3KeyPrefix: prefix }),
    ...(region === undefined ? {} : { OutputS3Region: region }),
  };
}
