/** ListNodes: the managed nodes of the integrated console, which is always enabled here. */
import type { AwsLocation } from '../../../core/arns.ts';
import type { Node } from '@aws-sdk/client-ssm';
import type { SsmOperation } from '../../../core/operations.ts';
import type { ListedNode } from '../../nodes/index.ts';
import { ResourceDataSyncNotFoundException } from './errors.ts';
import { instanceStatusOf, resourceType, sourceType } from './node-attributes.ts';
import { nodeFilters } from './node-filter-keys.ts';
import { searchFor } from './node-filter.ts';
import { pageOfNodes, positionOfToken, tokenOf } from './node-page.ts';

const defaultPage = 50;
const operation = 'ListNodes';

export const listNodes: SsmOperation<'ListNodes'> = async (
  { SyncName: sync, Filters, MaxResults: limit = defaultPage, NextToken },
  context,
) => {
  checkSync(sync);
  const after = await positionOfToken(context, NextToken, operation);
  const page = await pageOfNodes(context, searchFor(nodeFilters(Filters), context), { after, limit });
  return { Nodes: page.nodes.map((node) => describe(node, context)), ...(await tokenOf(context, page, operation)) };
};

/**
 * Nodes of other accounts would need a resource data sync, and none exists. @throws ResourceDataSyncNotFoundException
 */
export function checkSync(name: string | undefined): void {
  if (name !== undefined)
    throw new ResourceDataSyncNotFoundException(`The resource data sync ${name} does not exist.`, { SyncName: name });
}

function describe(node: ListedNode, { account, region }: AwsLocation): Node {
  return {
    Id: node.id,
    CaptureTime: new Date(node.lastPingAt ?? node.registeredAt),
    Owner: { AccountId: account },
    Region: region,
    NodeType: {
      Instance: {
        AgentType: node.agentName,
        AgentVersion: node.agentVersion,
        ComputerName: node.computerName,
        InstanceStatus: instanceStatusOf(node.pingStatus),
        IpAddress: node.ipAddress,
        ManagedStatus: 'Managed',
        Name: node.name,
        PlatformName: node.platformName,
        PlatformType: node.platformType as 'Linux' | undefined,
        PlatformVersion: node.platformVersion,
        ResourceType: resourceType,
        SourceId: node.id,
        SourceType: sourceType,
        AvailabilityZone: node.availabilityZone,
        AvailabilityZoneId: node.availabilityZoneId,
      },
    },
  };
}
