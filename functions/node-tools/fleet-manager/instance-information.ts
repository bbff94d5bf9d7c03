/** DescribeInstanceInformation: the list of managed nodes. */
import type { InstanceInformation } from '@aws-sdk/client-ssm';
import { InvalidFilterKey, ValidationException } from '../../../core/errors.ts';
import type { SsmInput, SsmOperation } from '../../../core/operations.ts';
import type { ListedNode } from '../../nodes/index.ts';
import { associationOverview } from './association-overview.ts';
import { InvalidInstanceInformationFilterValue } from './errors.ts';
import { instanceFilters, type GivenFilter } from './instance-filters.ts';
import { isLatestVersion } from './latest-agent.ts';
import { resourceType, sourceType } from './node-attributes.ts';
import { searchFor } from './node-filter.ts';
import { pageOfNodes, positionOfToken, tokenOf } from './node-page.ts';

/** AWS's default page. */
const defaultPage = 10;
const operation = 'DescribeInstanceInformation';

/** Nodes ordered by id, including those that have never reported. Unknown ids are left out. */
export const describeInstanceInformation: SsmOperation<'DescribeInstanceInformation'> = async (input, context) => {
  const filters = instanceFilters(givenFilters(input), (message) => new InvalidInstanceInformationFilterValue(message));
  const tagged = filters.filter((filter) => 'tag' in filter);
  if (tagged.length > 0 && tagged.length < filters.length)
    throw new InvalidFilterKey('Filters by tag cannot be combined with other filters.');
  const after = await positionOfToken(context, input.NextToken, operation);
  const page = await pageOfNodes(context, searchFor(filters, context), {
    after,
    limit: input.MaxResults ?? defaultPage,
  });
  return {
    InstanceInformationList: page.nodes.map((node) => ({ ...describe(node), IsLatestVersion: isLatestVersion(node) })),
    ...(await tokenOf(context, page, operation)),
  };
};

/** @throws ValidationException when both lists are given */
function givenFilters(input: SsmInput<'DescribeInstanceInformation'>): GivenFilter[] {
  const legacy = (input.InstanceInformationFilterList ?? []).map(({ key, valueSet }) => ({ key, values: valueSet }));
  const filters = (input.Filters ?? []).map(({ Key: key, Values: values }) => ({ key, values }));
  if (legacy.length > 0 && filters.length > 0)
    throw new ValidationException('Filters and InstanceInformationFilterList cannot be used together.');
  return [...legacy, ...filters];
}

/** What this operation and DescribeInstanceProperties both show. */
export function describe(node: ListedNode): Omit<InstanceInformation, 'IsLatestVersion'> {
  return {
    InstanceId: node.id,
    PingStatus: node.pingStatus,
    ...(node.lastPingAt === undefined ? {} : { LastPingDateTime: new Date(node.lastPingAt) }),
    AgentVersion: node.agentVersion,
    PlatformType: node.platformType as InstanceInformation['PlatformType'],
    PlatformName: node.platformName,
    PlatformVersion: node.platformVersion,
    ActivationId: node.activationId,
    IamRole: node.iamRole,
    RegistrationDate: new Date(node.registeredAt),
    ResourceType: resourceType,
    Name: node.name,
    IPAddress: node.ipAddress,
    ComputerName: node.computerName,
    ...associationOverview(node),
    SourceId: node.id,
    SourceType: sourceType,
  };
}
