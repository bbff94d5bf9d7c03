/**
 * Messages that wait for a node. A row has a small reference, not the payload: the gateway builds the payload when it
 * delivers the message. After the commit that writes a message, call `context.mailbox.wake(nodeId)`.
 */
import type { Context } from '../../core/context.ts';
import { anyShape, ConditionFailed, queryAll, type Delete, type Put } from '../../core/state.ts';
import { mailPartition, messageKey, type MessageItem } from './store.ts';

/** What the payload is built from, for example `{ commandId }`. Small, and JSON. */
export type Reference = object;

export interface Message {
  readonly nodeId: string;
  /** `aws.ssm.<command id>.<node id>`: agents read the command's id from the next-to-last part. */
  readonly messageId: string;
  /** The kind of message, which selects its renderer: `command`, `cancel`. */
  readonly kind: string;
  readonly reference: Reference;
  /** Epoch milliseconds; older messages are delivered first. */
  readonly createdAt?: number;
}

/**
 * The write that adds a message for a node. @param message.expiresAt epoch milliseconds after which it is not delivered
 * @example
 * await context.state.transact([messageWrite({ nodeId, messageId, kind: 'command', reference: { commandId } })]);
 * context.mailbox.wake(nodeId);
 */
export function messageWrite({
  expiresAt,
  ...message
}: Message & { readonly expiresAt?: number | undefined }): Put<MessageItem> {
  return {
    put: messageKey(message.nodeId, message.messageId),
    body: message,
    ...(expiresAt === undefined ? {} : { expiresAt: Math.ceil(expiresAt / 1000) }),
  };
}

/** The write that deletes a message: it is withdrawn, or the node has it. */
export function deleteMessage(nodeId: string, messageId: string): Delete {
  return { delete: messageKey(nodeId, messageId) };
}

/**
 * The messages that wait for a node, oldest first. A message of a newer shape than this code knows is left for newer
 * code.
 */
export async function pendingMessages(
  context: Context,
  nodeId: string,
): Promise<(Message & { readonly hiddenUntil?: number })[]> {
  const rows = await queryAll<MessageItem>(context.state, { pk: mailPartition(nodeId), newer: 'skip' });
  return rows.map((row) => row.body).sort((one, other) => (one.createdAt ?? 0) - (other.createdAt ?? 0));
}

/** Whether the message still waits. */
export async function isPending(context: Context, nodeId: string, messageId: string): Promise<boolean> {
  return (await context.state.get(messageKey(nodeId, messageId), anyShape)) !== undefined;
}

/**
 * Hides a message for the node that polled for it: until then no other poll gets it.
 * @param until epoch milliseconds
 * @returns false when another poll was quicker, or the message is gone
 */
export async function hideMessage(
  context: Context,
  message: Message & { readonly hiddenUntil?: number },
  until: number,
): Promise<boolean> {
  const seen =
    message.hiddenUntil === undefined ? { missing: ['hiddenUntil'] } : { equals: { hiddenUntil: message.hiddenUntil } };
  try {
    await context.state.write({
      update: messageKey(message.nodeId, message.messageId),
      set: { hiddenUntil: until },
      when: { row: 'present', ...seen },
    });
    return true;
  } catch (error) {
    if (error instanceof ConditionFailed) return false;
    throw error;
  }
}
