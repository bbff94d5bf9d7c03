/** The job that wakes a node to apply an association: its message, and the payload when it is delivered. */
import type { Context } from '../../../core/context.ts';
import type { RenderedMessage } from '../../../core/node-message.ts';
import type { Delete, Put } from '../../../core/state.ts';
import { resolveDocument, typedParameters } from '../../change-management/documents/index.ts';
import { deleteMessage, messageWrite } from '../../nodes/index.ts';
import { nodeAssociationKey, type NodeAssociationItem } from './store.ts';

/** The kind of these messages in a mailbox. */
export const refreshKind = 'refresh-associations';
const refreshDocument = 'AWS-RefreshAssociation';

interface Reference {
  readonly associationId: string;
  readonly executionId: string;
}

/**
 * Agents take the next-to-last part for a command's id. There is no such command: what they reply to it
 * finds none and is dropped; how the run went they tell by UpdateInstanceAssociationStatus.
 */
const messageId = (jobId: string, nodeId: string): string => `aws.ssm.${jobId}.${nodeId}`;

export function refreshMessage({ nodeId, jobId, associationId, executionId, since }: NodeAssociationItem): Put {
  return messageWrite({
    nodeId,
    messageId: messageId(jobId, nodeId),
    kind: refreshKind,
    reference: { associationId, executionId } satisfies Reference,
    createdAt: since,
  });
}

export function deleteRefreshMessage({ nodeId, jobId }: Pick<NodeAssociationItem, 'nodeId' | 'jobId'>): Delete {
  return deleteMessage(nodeId, messageId(jobId, nodeId));
}

/**
 * The payload; undefined where the node has begun by itself, or the association is gone. The id is named,
 * because a refresh that names none runs everything that the node has.
 */
export async function renderRefresh(
  { associationId, executionId }: Reference,
  nodeId: string,
  context: Context,
): Promise<RenderedMessage | undefined> {
  const node = (await context.state.get<NodeAssociationItem>(nodeAssociationKey(nodeId, associationId)))?.body;
  if (node === undefined || node.executionId !== executionId || node.state !== 'Pending') return undefined;
  const document = await resolveDocument(context, refreshDocument);
  const content = JSON.stringify({
    Parameters: typedParameters(document, { associationIds: [associationId] }),
    DocumentContent: document.content,
    CommandId: node.jobId,
    DocumentName: refreshDocument,
    OutputS3BucketName: '',
    OutputS3KeyPrefix: '',
    CloudWatchLogGroupName: '',
    CloudWatchOutputEnabled: 'false',
  });
  return { topic: `aws.ssm.sendCommand.${context.region}.${nodeId}`, content };
}
