/** Parameter policies: their rules, and when they act (spec: parameter-store.md §7). Pure. */
import { ValidationException } from '../../../core/errors.ts';
import {
  IncompatiblePolicyException,
  InvalidPolicyAttributeException,
  InvalidPolicyTypeException,
  PoliciesLimitExceededException,
} from './errors.ts';

export type PolicyType = 'Expiration' | 'ExpirationNotification' | 'NoChangeNotification';

export interface Policy {
  readonly type: PolicyType;
  /** As sent, in JSON. */
  readonly text: string;
  /**
   * Expiration: epoch milliseconds. The notifications: milliseconds before the expiration, or after the last change.
   */
  readonly when: number;
  readonly status: 'Pending' | 'Finished';
}

/** AWS's quota for one parameter. */
const mostPolicies = 10;
const units: Readonly<Record<string, number>> = { Hours: 3_600_000, Days: 86_400_000 };
/** ISO_INSTANT or ISO_OFFSET_DATE_TIME. */
const timestamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$/;

type Attributes = Readonly<Record<string, unknown>>;

/**
 * The items of `Policies`; `[{}]` and `[]` mean none. {@link policiesOf} checks whether they are policies.
 * @throws ValidationException for what is not a JSON array of objects
 */
export function policyItems(text: string): Attributes[] {
  let items: unknown;
  try {
    items = JSON.parse(text);
  } catch {
    items = undefined;
  }
  if (
    !Array.isArray(items) ||
    !items.every((item) => typeof item === 'object' && item !== null && !Array.isArray(item))
  )
    throw new ValidationException('Parameter policies must be a JSON array of objects.');
  return (items as Attributes[]).filter((item) => Object.keys(item).length > 0);
}

/**
 * @throws PoliciesLimitExceededException, InvalidPolicyTypeException, InvalidPolicyAttributeException,
 * IncompatiblePolicyException
 */
export function policiesOf(items: readonly Attributes[], now: number): Policy[] {
  if (items.length > mostPolicies)
    throw new PoliciesLimitExceededException(`A parameter can have at most ${mostPolicies} policies.`);
  const policies = items.map((item) => policyOf(item, now));
  const expirations = policies.filter(({ type }) => type === 'Expiration').length;
  if (expirations > 1)
    throw new IncompatiblePolicyException('A parameter can have only one policy of type Expiration.');
  if (expirations === 0 && policies.some(({ type }) => type === 'ExpirationNotification'))
    throw new IncompatiblePolicyException('A policy of type ExpirationNotification requires one of type Expiration.');
  return policies;
}

function policyOf(item: Attributes, now: number): Policy {
  const { Type: type, Version: version, Attributes: attributes } = item;
  const invalid = (why: string): never => {
    throw new InvalidPolicyAttributeException(
      `The policy of type ${String(type)} has an attribute that is not valid: ${why}`,
    );
  };
  if (type !== 'Expiration' && type !== 'ExpirationNotification' && type !== 'NoChangeNotification')
    throw new InvalidPolicyTypeException(
      `The policy type is not supported: ${String(type)}. Parameter Store supports the following policy types: Expiration, ExpirationNotification, and NoChangeNotification.`,
    );
  if (version !== '1.0') invalid('Version must be 1.0.');
  if (typeof attributes !== 'object' || attributes === null) return invalid('Attributes are missing.');
  const given = attributes as Attributes;
  const policy = { type, text: JSON.stringify(item), status: 'Pending' } as const;
  if (type === 'Expiration') {
    const text = given['Timestamp'];
    const at = typeof text === 'string' && timestamp.test(text) ? Date.parse(text) : NaN;
    if (Number.isNaN(at)) return invalid('Timestamp must be an ISO 8601 instant such as 2030-01-02T21:34:33.000Z.');
    if (at <= now) return invalid('Timestamp must be in the future.');
    return { ...policy, when: at };
  }
  const name = type === 'ExpirationNotification' ? 'Before' : 'After';
  const { [name]: amount, Unit: unit } = given;
  const length =
    typeof unit === 'string' && Object.hasOwn(units, unit) ? units[unit]! : invalid('Unit must be Days or Hours.');
  if ((typeof amount !== 'string' && typeof amount !== 'number') || !/^[1-9]\d{0,5}$/.test(String(amount)))
    return invalid(`${name} must be a whole number above 0.`);
  return { ...policy, when: Number(amount) * length };
}

interface Policed {
  readonly policies: readonly Policy[];
  readonly modifiedAt: number;
}

/** When a parameter expires, in epoch milliseconds; `undefined`: never. */
export function expirationOf({ policies }: Pick<Policed, 'policies'>): number | undefined {
  return policies.find(({ type }) => type === 'Expiration')?.when;
}

/** When a policy acts, in epoch milliseconds. */
export function dueOf(policy: Policy, parameter: Policed): number {
  switch (policy.type) {
    case 'Expiration':
      return policy.when;
    case 'ExpirationNotification':
      return (expirationOf(parameter) ?? 0) - policy.when;
    case 'NoChangeNotification':
      return parameter.modifiedAt + policy.when;
  }
}

/** The policies of the next version: a NoChangeNotification starts to wait again. */
export function carriedOver(policies: readonly Policy[]): Policy[] {
  return policies.map((policy) => (policy.type === 'NoChangeNotification' ? { ...policy, status: 'Pending' } : policy));
}

/** The policies, of which one is marked as done. */
export function finished(policies: readonly Policy[], index: number): Policy[] {
  return policies.map((policy, at) => (at === index ? { ...policy, status: 'Finished' } : policy));
}
