/** The two calls that a node signs with its own key: RequestManagedInstanceRoleToken, UpdateManagedInstancePublicKey. */
import { createHash } from 'node:crypto';
import { issueKey } from '../../../core/access-keys.ts';
import type { AgentOperations } from '../../../core/agent-operations.ts';
import type { RequestContext } from '../../../core/context.ts';
import { AccessDeniedException, TooManyUpdates } from '../../../core/errors.ts';
import { ConditionFailed } from '../../../core/state.ts';
import { identityOf, replaceKey, type Identity } from '../../nodes/index.ts';
import { InvalidSignatureException, MachineFingerprintDoesNotMatch } from './errors.ts';
import { nodeKeyUpdated } from './events.ts';
import { isSignedBy, parseNodeSignature } from './node-signature.ts';
import { checkPublicKey, readPublicKey } from './public-key.ts';
import { signatureKey } from './store.ts';

/** Milliseconds that a node's clock may be apart from ours: SigV4's five minutes. */
const skew = 5 * 60_000;
/** AWS's life of a node's credentials. Agents ask again at half of it. */
const tokenLife = 60 * 60_000;

export const nodeKeyOperations = {
  /**
   * Short-lived credentials for the node whose key signed the request. Agents read all five members unchecked.
   * @throws AccessDeniedException, InvalidSignatureException, MachineFingerprintDoesNotMatch
   */
  RequestManagedInstanceRoleToken: async ({ Fingerprint: fingerprint }, context) => {
    const identity = await authenticate(context);
    if (identity.fingerprint !== undefined && identity.fingerprint !== fingerprint) {
      context.log.warn('fingerprint does not match', { nodeId: identity.nodeId, sourceIp: context.request.sourceIp });
      throw new MachineFingerprintDoesNotMatch('The fingerprint is not the one that the managed node registered with.');
    }
    const expiresAt = Date.now() + tokenLife;
    const key = await issueKey(context, { owner: { kind: 'node', nodeId: identity.nodeId }, expiresAt });
    return {
      AccessKeyId: key.accessKeyId,
      SecretAccessKey: key.secretAccessKey,
      SessionToken: key.sessionToken,
      TokenExpirationDate: new Date(expiresAt),
      UpdateKeyPair: false,
    };
  },

  /** @throws AccessDeniedException, InvalidSignatureException, ValidationException, TooManyUpdates */
  UpdateManagedInstancePublicKey: async ({ NewPublicKey: publicKey, NewPublicKeyType: type }, context) => {
    const identity = await authenticate(context);
    checkPublicKey(publicKey, type);
    try {
      await replaceKey(context, identity, { publicKey, publicKeyType: type ?? 'Rsa' }, [nodeKeyUpdated(context, identity.nodeId)]);
    } catch (error) {
      if (error instanceof ConditionFailed) throw new TooManyUpdates('The key is being changed by another request.');
      throw error;
    }
    context.log.info('node key replaced', { nodeId: identity.nodeId });
    return {};
  },
} satisfies AgentOperations;

/**
 * The node whose key signed the request, once: the same signature is not taken again.
 *
 * A replay is refused with InvalidSignatureException, after which an agent comes back within seconds with a
 * new signature; AccessDeniedException would put it to sleep for half an hour (its own rule).
 */
async function authenticate(context: RequestContext): Promise<Identity> {
  const { request } = context;
  const signed = parseNodeSignature(request.headers);
  const refuse = (error: Error): never => {
    context.log.warn('node signature refused', { nodeId: signed?.nodeId, sourceIp: request.sourceIp, reason: error.message });
    throw error;
  };
  if (signed === undefined || request.query !== '') return refuse(new AccessDeniedException('The request is not signed by a managed node.'));
  if (signed.region !== context.region || signed.service !== 'ssm') return refuse(new InvalidSignatureException('Credential should be scoped to a valid region and service.'));
  // Signatures live in real time, whatever the clock of the house says.
  if (Math.abs(Date.now() - signed.signedAt) > skew) return refuse(new InvalidSignatureException(`Signature expired or not yet current: ${signed.date}`));
  const identity = await identityOf(context, signed.nodeId);
  if (identity === undefined) return refuse(new AccessDeniedException('The managed node is not registered.'));
  if (!isSignedBy(readPublicKey(identity.publicKey), request, signed)) return refuse(new AccessDeniedException('The signature does not match the public key of the managed node.'));
  if (await isReplayed(signed.signature, context)) return refuse(new InvalidSignatureException('The signature has been used already.'));
  return identity;
}

/** A PSS signature is random: the same one is the same request. Remembered while its date would be accepted. */
async function isReplayed(signature: string, context: RequestContext): Promise<boolean> {
  const digest = createHash('sha256').update(Buffer.from(signature, 'base64')).digest('hex');
  try {
    await context.state.write({ put: signatureKey(digest), body: {}, when: { row: 'absent' }, expiresAt: Math.ceil((Date.now() + 2 * skew) / 1000) });
    return false;
  } catch (error) {
    if (error instanceof ConditionFailed) return true;
    throw error;
  }
}
