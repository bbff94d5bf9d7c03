/** Types that no node reports: the service generates them from what it knows of the node. */
import type { Node } from '../../nodes/index.ts';
import type { Entry, Item } from './item.ts';

/** A node's generated item; `undefined` for types that nodes report. */
export function generatedItem(node: Node, typeName: string): Item | undefined {
  switch (typeName) {
    case 'AWS:InstanceInformation':
      return item(node, typeName, [instanceInformation(node)]);
    case 'AWS:Tag':
      return item(
        node,
        typeName,
        Object.entries(node.tags).map(([Key, Value]) => ({ Key, Value })),
      );
    default:
      return undefined;
  }
}

const item = (node: Node, typeName: string, entries: readonly Entry[]): Item => ({
  typeName,
  subType: '',
  schemaVersion: '1.0',
  captureTime: captureTime(node),
  entries,
});

/** Whole seconds, as in the API. */
const captureTime = (node: Node): string =>
  `${new Date(node.lastPingAt ?? node.registeredAt).toISOString().slice(0, 19)}Z`;

function instanceInformation(node: Node): Entry {
  return {
    ...(node.agentName === undefined ? {} : { AgentType: node.agentName }),
    ...(node.agentVersion === undefined ? {} : { AgentVersion: node.agentVersion }),
    ...(node.computerName === undefined ? {} : { ComputerName: node.computerName }),
    InstanceId: node.id,
    InstanceStatus: node.pingStatus === 'Online' ? 'Active' : 'ConnectionLost',
    ...(node.ipAddress === undefined ? {} : { IpAddress: node.ipAddress }),
    ...(node.platformName === undefined ? {} : { PlatformName: node.platformName }),
    ...(node.platformType === undefined ? {} : { PlatformType: node.platformType }),
    ...(node.platformVersion === undefined ? {} : { PlatformVersion: node.platformVersion }),
    ResourceType: node.id.startsWith('i-') ? 'EC2Instance' : 'ManagedInstance',
  };
}
