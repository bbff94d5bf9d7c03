/** The filters of DescribeInstanceInformation: values joined by or, filters by and. */
import { InvalidFilterKey, InvalidInstanceId, ValidationException } from '../../../core/errors.ts';
import type { Node } from '../../nodes/index.ts';
import { InvalidInstanceInformationFilterValue } from './errors.ts';

/** A filter, whichever of the two lists it came in. */
export interface InstanceFilter {
  readonly key: string;
  readonly values: readonly string[];
}

/** What a node shows to a filter. A key that is absent here does not exist. */
const attributes: Readonly<Record<string, (node: Node) => string | undefined>> = {
  InstanceIds: (node) => node.id,
  AgentVersion: (node) => node.agentVersion,
  PingStatus: (node) => node.pingStatus,
  PlatformTypes: (node) => node.platformType,
  // AWS's prose writes it so too.
  PlatformType: (node) => node.platformType,
  ActivationIds: (node) => node.activationId,
  IamRole: (node) => node.iamRole,
  ResourceType: () => 'ManagedInstance',
  AssociationStatus: () => undefined,
  SourceIds: (node) => node.id,
  SourceTypes: () => sourceType,
};

/** Hybrid nodes are their own source. */
export const sourceType = 'AWS::SSM::ManagedInstance';

const enumerations: Readonly<Record<string, readonly string[]>> = {
  PingStatus: ['Online', 'ConnectionLost', 'Inactive'],
  PlatformTypes: ['Windows', 'Linux', 'MacOS'],
  PlatformType: ['Windows', 'Linux', 'MacOS'],
  ResourceType: ['ManagedInstance', 'EC2Instance'],
  AssociationStatus: ['Success', 'Pending', 'Failed'],
};

const instanceId = /^(?:i-(?:[0-9a-f]{8}|[0-9a-f]{17})|mi-[0-9a-f]{17})$/;

const isTagKey = (key: string): boolean => key === 'tag-key' || (key.startsWith('tag:') && key.length > 'tag:'.length);

/**
 * Checks what the model cannot.
 * @throws InvalidFilterKey for an unknown key, or tags beside other keys
 * @throws InvalidInstanceId for an id that cannot be one
 * @throws InvalidInstanceInformationFilterValue for a value outside the key's
 * @throws ValidationException for a filter without values
 */
export function checkFilters(filters: readonly InstanceFilter[]): void {
  for (const { key, values } of filters) {
    if (!isTagKey(key) && !Object.hasOwn(attributes, key)) throw new InvalidFilterKey(`The filter key ${key} is not valid.`);
    if (values.length === 0) throw new ValidationException(`The filter ${key} has no values.`);
    const malformed = key === 'InstanceIds' ? values.find((value) => !instanceId.test(value)) : undefined;
    if (malformed !== undefined) throw new InvalidInstanceId(`${malformed} is not an instance id.`);
    const wrong = values.find((value) => enumerations[key]?.includes(value) === false);
    if (wrong !== undefined) throw new InvalidInstanceInformationFilterValue(`${wrong} is not a value of the filter ${key}.`);
  }
  if (filters.some(({ key }) => isTagKey(key)) && !filters.every(({ key }) => isTagKey(key))) throw new InvalidFilterKey('Filters by tag cannot be combined with other filters.');
}

/** Whether a node passes all filters. */
export function passes(node: Node, filters: readonly InstanceFilter[]): boolean {
  return filters.every(({ key, values }) => {
    if (key === 'tag-key') return values.some((name) => Object.hasOwn(node.tags, name));
    if (isTagKey(key)) {
      const name = key.slice('tag:'.length);
      return Object.hasOwn(node.tags, name) && values.includes(node.tags[name] ?? '');
    }
    const value = attributes[key]?.(node);
    return value !== undefined && values.includes(value);
  });
}
