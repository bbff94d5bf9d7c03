/** What polls and control channels both do with a node's acknowledgements and reports. */
import { deleteMessage, isPending } from '../nodes/index.ts';
import type { RenderMessage } from '../../core/node-message.ts';
import type { Delivery, GatewayParts, Reply } from './hooks.ts';

/**
 * The function that builds messages of a kind. During a deploy a newer version may have written messages of a kind that
 * is unknown here. They are left alone: a newer gateway delivers them, or they expire.
 */
export function rendererOf(
  { renderers, unknownKinds, context }: Pick<GatewayParts, 'renderers' | 'unknownKinds' | 'context'>,
  kind: string,
): RenderMessage | undefined {
  if (Object.hasOwn(renderers, kind)) return renderers[kind];
  if (!unknownKinds.has(kind))
    context.log.warn('messages of a kind that this gateway does not know are left to a newer one', { kind });
  unknownKinds.add(kind);
  return undefined;
}

/** The node has the message: this is recorded, then the message is deleted. */
export async function delivered({ context, recordDelivery }: GatewayParts, delivery: Delivery): Promise<void> {
  await recordDelivery(delivery, context);
  await drop({ context }, delivery);
}

/** The node can never do what the message says: the failure is recorded, then the message is deleted. */
export async function undeliverable(
  parts: GatewayParts,
  delivery: Delivery,
  replyId: string,
  reason: string,
): Promise<void> {
  parts.context.log.warn('a node cannot take a message', { ...delivery, reason });
  const payload = { documentStatus: 'Failed', documentTraceOutput: reason, runtimeStatus: {} };
  await parts.recordReply({ ...delivery, replyId, payload }, parts.context);
  await drop(parts, delivery);
}

/** Handles a report. An unreadable one is logged and acknowledged: sending it again would not help. */
export async function replied(
  { context, recordReply }: GatewayParts,
  { content, ...reply }: Omit<Reply, 'payload'> & { readonly content: string },
): Promise<void> {
  let payload: unknown;
  try {
    payload = JSON.parse(content);
  } catch {
    context.log.warn('a report is not JSON', {
      nodeId: reply.nodeId,
      messageId: reply.messageId,
      bytes: content.length,
    });
    return;
  }
  await recordReply({ ...reply, payload }, context);
}

/** Most messages were deleted by the write that recorded their delivery; a read is cheaper than a delete. */
async function drop({ context }: Pick<GatewayParts, 'context'>, { nodeId, messageId }: Delivery): Promise<void> {
  if (await isPending(context, nodeId, messageId)) await context.state.write(deleteMessage(nodeId, messageId));
}
