/** RegisterManagedInstance: the call that needs no signature, because the code proves the caller. */
import type { AgentOperations, RegisterManagedInstanceInput } from '../../../core/agent-operations.ts';
import type { RequestContext } from '../../../core/context.ts';
import { InvalidActivationId } from '../../../core/errors.ts';
import { retryOnConflict } from '../../../core/retry-on-conflict.ts';
import type { State } from '../../../core/state.ts';
import { writeNode } from '../../nodes/index.ts';
import { freeSlot, isCode, isExpired } from './activation.ts';
import { InvalidActivation, ThrottlingException } from './errors.ts';
import { nodeRegistered } from './events.ts';
import { FailedAttempts } from './failed-attempts.ts';
import { checkPublicKey } from './public-key.ts';
import { isOnServiceMachine } from './service-machine.ts';
import { activationKey, takenSlots, takeSlot, type ActivationItem } from './store.ts';
import { checkTier } from './tier.ts';

const attemptsOf = new WeakMap<State, FailedAttempts>();

export const registrationOperations = {
  /**
   * Adds a node with an open activation.
   * @throws InvalidActivationId, InvalidActivation (wrong code, expired, exhausted, deleted), ValidationException
   * (public key; with AWS's quotas the tier's limit), ThrottlingException after ten wrong codes in a minute
   */
  RegisterManagedInstance: async (input, context) => {
    const activation = await openActivation(input, context);
    checkPublicKey(input.PublicKey, input.PublicKeyType);
    if (context.settings.awsQuotas) await checkTier(context);
    const nodeId = await retryOnConflict(() => register(activation, input, context), context);
    context.log.info('node registered', { nodeId, activationId: activation.activationId });
    return { InstanceId: nodeId };
  },
} satisfies AgentOperations;

async function openActivation(input: RegisterManagedInstanceInput, context: RequestContext): Promise<ActivationItem> {
  const { ActivationId: activationId, ActivationCode: code } = input;
  const attempts = attemptsOf.get(context.state) ?? new FailedAttempts();
  attemptsOf.set(context.state, attempts);
  const { sourceIp } = context.request;
  const now = context.clock.now();
  const refuse = (error: Error): never => {
    attempts.record(activationId, sourceIp, now);
    context.log.warn('registration refused', { activationId, sourceIp, reason: error.message });
    throw error;
  };

  if (!attempts.mayTry(activationId, sourceIp, now)) throw new ThrottlingException('Rate exceeded');
  const activation = (await context.state.get<ActivationItem>(activationKey(activationId)))?.body;
  if (activation === undefined) return refuse(new InvalidActivationId('The activation ID does not exist.'));
  if (!isCode(activation, code)) return refuse(new InvalidActivation('The activation code is not valid.'));
  if (activation.deleted) return refuse(new InvalidActivation('The activation has been deleted.'));
  if (isExpired(activation, now)) return refuse(new InvalidActivation('The activation has expired.'));
  return activation;
}

/** Tries to take a slot; ConditionFailed when another node has just taken it. */
async function register(
  activation: ActivationItem,
  input: RegisterManagedInstanceInput,
  context: RequestContext,
): Promise<string> {
  const nodeId = context.ids.managedNode();
  const onServiceMachine = await isOnServiceMachine(context);
  const slot = freeSlot(
    activation.registrationLimit,
    await takenSlots(context, activation.activationId),
    parseInt(nodeId.slice(-8), 16),
  );
  if (slot === undefined) {
    context.log.warn('registration refused', { activationId: activation.activationId, reason: 'exhausted' });
    throw new InvalidActivation('The registration limit of the activation has been reached.');
  }
  await context.state.transact([
    takeSlot(activation.activationId, slot, nodeId),
    ...writeNode({
      node: {
        nodeId,
        registeredAt: context.clock.now(),
        activationId: activation.activationId,
        iamRole: activation.iamRole,
        ...(onServiceMachine ? { onServiceMachine } : {}),
        ...(activation.defaultInstanceName === undefined ? {} : { name: activation.defaultInstanceName }),
      },
      identity: {
        publicKey: input.PublicKey,
        publicKeyType: input.PublicKeyType ?? 'Rsa',
        ...(input.Fingerprint ? { fingerprint: input.Fingerprint } : {}),
      },
      tags: activation.tags,
      events: [nodeRegistered(context, nodeId, activation)],
    }),
  ]);
  return nodeId;
}
