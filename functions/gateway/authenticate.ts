/** Authenticates callers of the gateway: only nodes, by their short-lived credentials. */
import type { Context } from '../../core/context.ts';
import { AccessDeniedException } from '../../core/errors.ts';
import type { HttpRequest } from '../../core/http.ts';
import { authenticate } from '../api/authenticate.ts';
import { registeredIds } from '../nodes/index.ts';

/**
 * The registered node whose credentials signed the request.
 * @throws the front door's errors of signatures
 * @throws AccessDeniedException when the signature is a person's, or of a node that was deregistered
 */
export async function authenticateNode(
  context: Context,
  service: 'ec2messages' | 'ssmmessages',
  request: HttpRequest,
): Promise<string> {
  const caller = await authenticate(request, context, service);
  if (caller.kind !== 'node') throw new AccessDeniedException(`User: ${caller.arn} is not a managed node.`);
  const { nodeId } = caller;
  if ((await registeredIds(context, [nodeId])).length === 0)
    throw new AccessDeniedException(`${nodeId} is not a registered managed node.`);
  return nodeId;
}
