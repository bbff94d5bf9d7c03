/** DescribeInstanceInformation: the list of managed nodes. */
import type { InstanceInformation } from '@aws-sdk/client-ssm';
import { ValidationException } from '../../../core/errors.ts';
import type { SsmInput, SsmOperation } from '../../../core/operations.ts';
import { decodeToken, encodeToken } from '../../../core/pagination.ts';
import { getNodes, resolveTargets, type Node, type Target } from '../../nodes/index.ts';
import { checkFilters, passes, sourceType, type InstanceFilter } from './instance-filter.ts';

/** AWS's default page. */
const defaultPage = 10;
/** Nodes looked at per call: a filter that lets few through answers a short page with a token. */
const mostRead = 1000;
const readAtOnce = 100;

export const describeInstanceInformation: SsmOperation<'DescribeInstanceInformation'> = async (input, context) => {
  const filters = filtersOf(input);
  checkFilters(filters);
  const limit = input.MaxResults ?? defaultPage;
  const found: Node[] = [];
  let after = input.NextToken === undefined ? undefined : (await decodeToken<{ after: string }>(context, input.NextToken)).after;
  let more = true;
  // Without a filter nothing is read in vain.
  const atOnce = filters.length === 0 ? limit : readAtOnce;
  for (let read = 0; more && found.length < limit && read < mostRead; read += atOnce) {
    const page = await resolveTargets(context, narrowed(filters), { after, limit: atOnce });
    more = page.next !== undefined;
    after = page.next ?? after;
    for (const node of await getNodes(context, page.nodeIds)) {
      if (!passes(node, filters)) continue;
      found.push(node);
      if (found.length < limit) continue;
      more = more || node.id !== page.nodeIds.at(-1);
      after = node.id;
      break;
    }
  }
  return {
    InstanceInformationList: found.map(describe),
    ...(more && after !== undefined ? { NextToken: await encodeToken(context, { after }) } : {}),
  };
};

/** @throws ValidationException when both lists are given */
function filtersOf(input: SsmInput<'DescribeInstanceInformation'>): InstanceFilter[] {
  const legacy = (input.InstanceInformationFilterList ?? []).map(({ key, valueSet }) => ({ key, values: valueSet }));
  const filters = (input.Filters ?? []).map(({ Key: key, Values: values }) => ({ key, values }));
  if (legacy.length > 0 && filters.length > 0) throw new ValidationException('Filters and InstanceInformationFilterList cannot be used together.');
  return [...legacy, ...filters];
}

/** The filters that are found by index; every node where there is none. The rest is looked at node by node. */
function narrowed(filters: readonly InstanceFilter[]): Target[] {
  const indexed = filters.filter(({ key }) => key === 'InstanceIds' || key === 'tag-key' || key.startsWith('tag:'));
  // Two filters of the same key are joined by and, targets of the same key by or: one of each is narrow enough.
  const byKey = new Map(indexed.map((filter) => [filter.key, filter.values]));
  return byKey.size === 0 ? [{ Key: 'InstanceIds', Values: ['*'] }] : [...byKey].map(([Key, Values]) => ({ Key, Values }));
}

function describe(node: Node): InstanceInformation {
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
    ResourceType: 'ManagedInstance',
    Name: node.name,
    IPAddress: node.ipAddress,
    ComputerName: node.computerName,
    SourceId: node.id,
    SourceType: sourceType,
  };
}

