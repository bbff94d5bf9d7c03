/** The filter keys of ListNodes and ListNodesSummary. Pure. */
import { InvalidFilter } from '../../../core/errors.ts';
import type { SsmInput } from '../../../core/operations.ts';
import type { Attribute } from './node-attributes.ts';
import type { NodeFilter } from './node-filter.ts';

type Given = NonNullable<SsmInput<'ListNodes'>['Filters']>[number];

const attributes: Readonly<Record<Given['Key'], Attribute>> = {
  AccountId: 'account',
  AgentType: 'agentName',
  AgentVersion: 'agentVersion',
  AvailabilityZone: 'availabilityZone',
  AvailabilityZoneId: 'availabilityZoneId',
  ComputerName: 'computerName',
  InstanceId: 'id',
  InstanceStatus: 'instanceStatus',
  IpAddress: 'ipAddress',
  ManagedStatus: 'managedStatus',
  OrganizationalUnitId: 'organizationalUnitId',
  OrganizationalUnitPath: 'organizationalUnitPath',
  PlatformName: 'platformName',
  PlatformType: 'platformType',
  PlatformVersion: 'platformVersion',
  Region: 'region',
  ResourceType: 'resourceType',
  SourceId: 'id',
  SourceLocation: 'sourceLocation',
  SourceType: 'sourceType',
};

const managedStatuses: ReadonlySet<string> = new Set(['All', 'Managed', 'Unmanaged']);

/** @throws InvalidFilter for an unknown ManagedStatus */
export function nodeFilters(given: readonly Given[] = []): NodeFilter[] {
  return given.map(({ Key: key, Values: values, Type: operator = 'Equal' }) => {
    if (key !== 'ManagedStatus' || operator === 'BeginWith') return { attribute: attributes[key], operator, values };
    const wrong = values.find((value) => !managedStatuses.has(value));
    if (wrong !== undefined) throw new InvalidFilter(`${wrong} is not a value of the filter ${key}.`);
    return { attribute: attributes[key], operator, values: values.includes('All') ? [...values, 'Managed'] : values };
  });
}
