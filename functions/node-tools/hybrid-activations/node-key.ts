/**
 * The two calls that a node signs with its own key: RequestManagedInstanceRoleToken, UpdateManagedInstancePublicKey.
 */
import { createHash } from 'node:crypto';
import { issueKey } from '../../../core/access-keys.ts';
import type { AgentOperations } from '../../../core/agent-operations.ts';
import type { RequestContext } from '../../../core/context.ts';
import { AccessDeniedException, TooManyUpdates } from '../../../core/errors.ts';
import { clockSkew } from '../../../core/sigv4/verify.ts';
import { ConditionFailed, type Check, type Put, type Write } from '../../../core/state.ts';
import {
  getNode,
  identityOf,
  markOnServiceMachine,
  replaceKey,
  whileRegistered,
  type Identity,
} from '../../nodes/index.ts';
import { InvalidSignatureException, MachineFingerprintDoesNotMatch } from './errors.ts';
import { nodeKeyUpdated } from './events.ts';
import { isSignedBy, parseNodeSignature } from './node-signature.ts';
import { checkPublicKey, readPublicKey } from './public-key.ts';
import { isOnServiceMachine } from './service-machine.ts';
import { signatureKey } from './store.ts';

/** Milliseconds that AWS's credentials for a node last. Agents ask for new ones after half of it. */
const tokenLife = 60 * 60_000;

export const nodeKeyOperations = {
  /**
   * Short-lived credentials for the node whose key signed the request. Agents use all five members without checking
   * them.
   * @throws AccessDeniedException, InvalidSignatureException, MachineFingerprintDoesNotMatch
   */
  RequestManagedInstanceRoleToken: async ({ Fingerprint: fingerprint }, context) => {
    const { identity, spent } = await authenticate(context);
    const { nodeId } = identity;
    if (identity.fingerprint !== undefined && identity.fingerprint !== fingerprint) {
      context.log.warn('fingerprint does not match', { nodeId, sourceIp: context.request.sourceIp });
      throw new MachineFingerprintDoesNotMatch('The fingerprint is not the one that the managed node registered with.');
    }
    const expiresAt = Date.now() + tokenLife;
    const onServiceMachine = await isOnServiceMachine(context);
    if (onServiceMachine) await markOnServiceMachine(context, nodeId);
    const node = await getNode(context, nodeId);
    const key = await issueKey(context, {
      owner: {
        kind: 'node',
        nodeId,
        ...(node?.iamRole === undefined ? {} : { iamRole: node.iamRole }),
        ...(node?.onServiceMachine === true ? { onServiceMachine: true } : {}),
      },
      expiresAt,
    });
    await spend(context, nodeId, spent, key.writes);
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
    const { identity, spent } = await authenticate(context);
    checkPublicKey(publicKey, type);
    await spend(context, identity.nodeId, spent, [
      replaceKey(identity, { publicKey, publicKeyType: type ?? 'Rsa' }, [nodeKeyUpdated(context, identity.nodeId)]),
    ]);
    context.log.info('node key replaced', { nodeId: identity.nodeId });
    return {};
  },
} satisfies AgentOperations;

interface Authenticated {
  readonly identity: Identity;
  /** Marks the signature as used; the write fails when it was used before. */
  readonly spent: Put;
}

/** The node whose key signed the request. */
async function authenticate(context: RequestContext): Promise<Authenticated> {
  const { request } = context;
  const signed = parseNodeSignature(request);
  const refuse = (error: Error): never => {
    context.log.warn('node signature refused', {
      nodeId: signed?.nodeId,
      sourceIp: request.sourceIp,
      reason: error.message,
    });
    throw error;
  };
  if (signed === undefined) return refuse(new AccessDeniedException('The request is not signed by a managed node.'));
  if (signed.region !== context.region || signed.service !== 'ssm')
    return refuse(new InvalidSignatureException('Credential should be scoped to a valid region and service.'));
  // Signatures use real time, not Flotilla's clock.
  if (Math.abs(Date.now() - signed.signedAt) > clockSkew.api)
    return refuse(new InvalidSignatureException(`Signature expired or not yet current: ${signed.date}`));
  const identity = await identityOf(context, signed.nodeId);
  if (identity === undefined) return refuse(new AccessDeniedException('The managed node is not registered.'));
  if (!isSignedBy(readPublicKey(identity.publicKey), request, signed))
    return refuse(new AccessDeniedException('The signature does not match the public key of the managed node.'));
  return { identity, spent: spentSignature(signed.signature) };
}

/**
 * A PSS signature is random, so the same signature means the same request. The row is kept for longer than the
 * request's date is valid.
 */
function spentSignature(signature: string): Put {
  const digest = createHash('sha256').update(Buffer.from(signature, 'base64')).digest('hex');
  return {
    put: signatureKey(digest),
    body: {},
    when: { row: 'absent' },
    expiresAt: Math.ceil((Date.now() + 3 * clockSkew.api) / 1000),
  };
}

/**
 * Makes the requested change, once, while the node is registered.
 *
 * A repeated request is refused with InvalidSignatureException, so that the agent tries again within seconds with a new
 * signature. After AccessDeniedException an agent waits for half an hour.
 */
async function spend(
  context: RequestContext,
  nodeId: string,
  spent: Put,
  writes: readonly (Write | Check)[],
): Promise<void> {
  try {
    await context.state.transact([spent, whileRegistered(nodeId), ...writes]);
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    if (error.position === 0) {
      context.log.warn('node signature refused', { nodeId, sourceIp: context.request.sourceIp, reason: 'replayed' });
      throw new InvalidSignatureException('The signature has been used already.');
    }
    if (error.position === 1) throw new AccessDeniedException('The managed node is not registered.');
    throw new TooManyUpdates('The key is being changed by another request.');
  }
}
