/** The filter keys of DescribeInstanceInformation and DescribeInstanceProperties with their values. Pure. */
import {
  InvalidActivationId,
  InvalidFilterKey,
  InvalidInstanceId,
  ValidationException,
  type ApiError,
} from '../../../core/errors.ts';
import type { Attribute } from './node-attributes.ts';
import type { NodeFilter, Operator } from './node-filter.ts';

/** A filter from either list. */
export interface GivenFilter {
  readonly key: string;
  readonly values: readonly string[];
  readonly operator?: Operator | undefined;
}

const attributes: Readonly<Record<string, Attribute>> = {
  InstanceIds: 'id',
  AgentVersion: 'agentVersion',
  PingStatus: 'pingStatus',
  PlatformTypes: 'platformType',
  // AWS's documentation also uses this spelling.
  PlatformType: 'platformType',
  ActivationIds: 'activationId',
  IamRole: 'iamRole',
  ResourceType: 'resourceType',
  AssociationStatus: 'associationStatus',
  SourceIds: 'id',
  SourceTypes: 'sourceType',
};

const platforms = ['Windows', 'Linux', 'MacOS'];
const enumerations: Readonly<Record<string, readonly string[]>> = {
  PingStatus: ['Online', 'ConnectionLost', 'Inactive'],
  PlatformTypes: platforms,
  PlatformType: platforms,
  ResourceType: ['ManagedInstance', 'EC2Instance'],
  AssociationStatus: ['Success', 'Pending', 'Failed'],
  SourceTypes: [
    'AWS::EC2::Instance',
    'AWS::SSM::ManagedInstance',
    'AWS::IoT::Thing',
    'Microsoft.Compute/virtualMachines',
    'compute.googleapis.com/Instance',
  ],
};

const instanceId = /^(?:i-(?:[0-9a-f]{8}|[0-9a-f]{17})|mi-[0-9a-f]{17})$/;
const activationId = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** `tag-key`, or `tag:` and a key. */
export function isTagKey(key: string): boolean {
  return key === 'tag-key' || (key.startsWith('tag:') && key.length > 'tag:'.length);
}

/**
 * Converts the filters.
 * @param invalidValue the operation's error for a value that the key does not allow
 * @throws InvalidFilterKey for an unknown key
 * @throws InvalidInstanceId for an invalid id; ValidationException for a filter without values; `invalidValue`
 */
export function instanceFilters(
  given: readonly GivenFilter[],
  invalidValue: (message: string) => ApiError,
): NodeFilter[] {
  return given.map((filter) => instanceFilter(filter, invalidValue));
}

function instanceFilter(
  { key, values, operator = 'Equal' }: GivenFilter,
  invalidValue: (message: string) => ApiError,
): NodeFilter {
  const attribute = Object.hasOwn(attributes, key) ? attributes[key] : undefined;
  if (attribute === undefined && !isTagKey(key)) throw new InvalidFilterKey(`The filter key ${key} is not valid.`);
  if (values.length === 0) throw new ValidationException(`The filter ${key} has no values.`);
  if (attribute === undefined) {
    if (operator !== 'Equal') throw invalidValue(`The filter ${key} cannot be used with ${operator}.`);
    return { tag: key === 'tag-key' ? undefined : key.slice('tag:'.length), values };
  }
  // Other operators also allow parts of values.
  if (operator === 'Equal' || operator === 'NotEqual') checkValues(key, values, invalidValue);
  return { attribute, operator, values };
}

function checkValues(key: string, values: readonly string[], invalidValue: (message: string) => ApiError): void {
  const malformed = key === 'InstanceIds' ? values.find((value) => !instanceId.test(value)) : undefined;
  if (malformed !== undefined) throw new InvalidInstanceId(`${malformed} is not an instance id.`);
  const wrong = values.find((value) => enumerations[key]?.includes(value) === false);
  if (wrong !== undefined) throw invalidValue(`${wrong} is not a value of the filter ${key}.`);
}

/** @throws InvalidActivationId for an invalid id: only DescribeInstanceProperties has this error */
export function checkActivationIds(given: readonly GivenFilter[]): void {
  for (const { key, values, operator = 'Equal' } of given) {
    if (key !== 'ActivationIds' || operator !== 'Equal') continue;
    const malformed = values.find((value) => !activationId.test(value));
    if (malformed !== undefined) throw new InvalidActivationId(`${malformed} is not an activation id.`);
  }
}
