/** Who speaks to this door: nodes alone, by their short-lived credentials. */
import { findAccessKey } from '../../core/access-keys.ts';
import type { Context } from '../../core/context.ts';
import { AccessDeniedException } from '../../core/errors.ts';
import type { HttpRequest } from '../../core/http.ts';
import { sha256 } from '../../core/sigv4/canonical-request.ts';
import { SignatureError } from '../../core/sigv4/signature-error.ts';
import { clockSkew, verifySignature } from '../../core/sigv4/verify.ts';
import { registeredIds } from '../nodes/index.ts';
import { NotAuthenticated } from './errors.ts';

export type NodeService = 'ec2messages' | 'ssmmessages';

/**
 * The registered node whose credentials signed the request.
 * @throws NotAuthenticated when the signature is not taken
 * @throws AccessDeniedException when it is a person's, or of a node that has been deregistered
 */
export async function authenticate(context: Context, service: NodeService, request: Pick<HttpRequest, 'method' | 'path' | 'query' | 'headers' | 'body'>): Promise<string> {
  const { key } = await verified(context, service, request);
  if (key.caller.kind !== 'node') throw new AccessDeniedException(`User: ${key.caller.arn} is not a managed node.`);
  const { nodeId } = key.caller;
  if ((await registeredIds(context, [nodeId])).length === 0) throw new AccessDeniedException(`${nodeId} is not a registered managed node.`);
  return nodeId;
}

async function verified(context: Context, service: NodeService, request: Parameters<typeof authenticate>[2]) {
  try {
    return await verifySignature(
      { ...request, payloadHash: sha256(request.body) },
      { region: context.region, service, skew: clockSkew.api, findKey: (accessKeyId) => findAccessKey(context, accessKeyId) },
    );
  } catch (error) {
    if (error instanceof SignatureError) throw new NotAuthenticated(error);
    throw error;
  }
}
