/** Whose message a message id names. */
import { AccessDeniedException } from '../../core/errors.ts';

/**
 * A node's messages end in its own id: it may speak of no others.
 * @throws AccessDeniedException
 */
export function checkOwnMessage(messageId: string, nodeId: string): void {
  if (!messageId.startsWith('aws.ssm.') || messageId.slice(messageId.lastIndexOf('.') + 1) !== nodeId)
    throw new AccessDeniedException(`${nodeId} may not act on the message ${messageId.slice(0, 200)}`);
}
