/** Which node a message id belongs to. */
import { AccessDeniedException } from '../../core/errors.ts';

/**
 * A node's message ids end with the node's id. A node may use no others.
 * @throws AccessDeniedException
 */
export function checkOwnMessage(messageId: string, nodeId: string): void {
  if (!messageId.startsWith('aws.ssm.') || messageId.slice(messageId.lastIndexOf('.') + 1) !== nodeId)
    throw new AccessDeniedException(`${nodeId} may not act on the message ${messageId.slice(0, 200)}`);
}
