/** ListInstanceAssociations and UpdateInstanceAssociationStatus: what agents ask and report. */
import { createHash } from 'node:crypto';
import type { AgentOperations, InstanceAssociation } from '../../../core/agent-operations.ts';
import type { RequestContext } from '../../../core/context.ts';
import { AccessDeniedException, ValidationException } from '../../../core/errors.ts';
import { decodeToken, encodeToken } from '../../../core/pagination.ts';
import { isOnlyForAdmins, mayRunOn } from '../../nodes/index.ts';
import { applyInTime } from './apply-in-time.ts';
import { ShownDocuments } from './association-document.ts';
import { endStuckRuns } from './end-stuck-runs.ts';
import { recordStatus } from './record-status.ts';
import { removeFromNode } from './remove-from-node.ts';
import { coarse, isNodeState } from './states.ts';
import { readAssociations, readNodePage, type AssociationItem, type NodeAssociationItem } from './store.ts';

const pageSize = 20;
const purpose = 'ListInstanceAssociations';
/** Under which prefix of the service's own bucket the output of collecting documents lies. */
const collectedPrefix = 'collected-associations';

export const agentOperations = {
  /**
   * What is Pending here the agent runs now; nothing else, for no schedule is shown: it is the service that says when.
   * A node asks when it starts and every ten minutes, and so finds what it missed while it was away. Only its own rows
   * are read, and the associations and documents that they name.
   */
  ListInstanceAssociations: async ({ InstanceId: nodeId, MaxResults: limit = pageSize, NextToken: token }, context) => {
    checkSelf(nodeId, 'ListInstanceAssociations', context);
    const from = token === undefined ? undefined : (await decodeToken<{ from: string }>(context, token, purpose)).from;
    const { shown, next } = await readOwn(nodeId, { from, limit }, context);
    const adminsOnly = shown.length > 0 && (await isOnlyForAdmins(context, nodeId));
    const documents = new ShownDocuments(context);
    const listed = await Promise.all(shown.map((own) => listOne(own, adminsOnly, documents, context)));
    // Others wait for the end of each run: one that the node never gets must not stay open.
    if (shown.some(({ node: { state } }, place) => state === 'Pending' && listed[place] === 'refused'))
      context.background.run(`apply-associations ${nodeId}`, context.log, () => applyInTime(nodeId, context));
    return {
      Associations: listed.filter((one) => one !== undefined && one !== 'refused'),
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

/** An association that a node has, with the node's row of it. */
interface OwnAssociation {
  readonly node: NodeAssociationItem;
  readonly association: AssociationItem;
}

/**
 * A page of what a node has. Where nobody has ever looked up what it should have, that is done first; associations that
 * are gone leave the node; and a run that was cut off is over.
 */
async function readOwn(
  nodeId: string,
  page: { readonly from: string | undefined; readonly limit: number },
  context: RequestContext,
): Promise<{ readonly shown: OwnAssociation[]; readonly next?: string }> {
  const read = () => readNodePage(context.state, nodeId, page);
  let found = await read();
  if (!found.isApplied) {
    await applyInTime(nodeId, context);
    found = await read();
  }
  if (await endStuckRuns(found.rows, context)) found = await read();
  const { rows, next } = found;
  const associations = new Map(
    (
      await readAssociations(
        context.state,
        rows.map(({ sk }) => sk),
      )
    ).map((association) => [association.associationId, association]),
  );
  const shown: OwnAssociation[] = [];
  for (const row of rows) {
    const association = associations.get(row.sk);
    if (association !== undefined) shown.push({ node: row.body, association });
    else context.background.run(`remove ${row.pk} ${row.sk}`, context.log, () => removeFromNode(row, [], context));
  }
  return { shown, ...(next === undefined ? {} : { next }) };
}

/** @returns undefined where the document is gone, `refused` where the node takes work only from admins */
async function listOne(
  { node, association }: OwnAssociation,
  adminsOnly: boolean,
  documents: ShownDocuments,
  context: RequestContext,
): Promise<InstanceAssociation | 'refused' | undefined> {
  const document = await documents.of(association, node);
  // Its document is gone: the next run says so, and there is nothing that the node could do.
  if (document === undefined) return undefined;
  // It started on the node before that was found to be on this machine, or its document has been changed since.
  if (!mayRunOn({ adminsOnly }, association, document)) return 'refused';
  const location = document.collects
    ? { OutputS3BucketName: context.serviceBucket, OutputS3KeyPrefix: collectedPrefix, OutputS3Region: context.region }
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
