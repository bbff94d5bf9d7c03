/** The attributes of a node that filters can use, each with one name. Pure. */
import type { AwsLocation } from '../../../core/arns.ts';
import type { ListedNode } from '../../nodes/index.ts';

/** A node, or the known part of one. An unknown attribute has no value. */
export type KnownNode = Partial<ListedNode>;

/** Attributes that differ between nodes. */
const ofNode = {
  id: (node) => node.id,
  activationId: (node) => node.activationId,
  agentName: (node) => node.agentName,
  agentVersion: (node) => node.agentVersion,
  associationStatus: (node) => associationStatusOf(node.associations),
  availabilityZone: (node) => node.availabilityZone,
  availabilityZoneId: (node) => node.availabilityZoneId,
  computerName: (node) => node.computerName,
  iamRole: (node) => node.iamRole,
  instanceStatus: (node) => (node.pingStatus === undefined ? undefined : instanceStatusOf(node.pingStatus)),
  ipAddress: (node) => node.ipAddress,
  pingStatus: (node) => node.pingStatus,
  platformName: (node) => node.platformName,
  platformType: (node) => node.platformType,
  platformVersion: (node) => node.platformVersion,
} satisfies Readonly<Record<string, (node: KnownNode) => string | undefined>>;

/** Attributes that are the same for all nodes: each is a hybrid node of this account. */
const ofAll = {
  account: ({ account }) => account,
  managedStatus: () => 'Managed',
  organizationalUnitId: () => undefined,
  organizationalUnitPath: () => undefined,
  region: ({ region }) => region,
  resourceType: () => resourceType,
  sourceLocation: () => undefined,
  sourceType: () => sourceType,
} satisfies Readonly<Record<string, (location: AwsLocation) => string | undefined>>;

export const resourceType = 'ManagedInstance';
export const sourceType = 'AWS::SSM::ManagedInstance';

export type NodeAttribute = keyof typeof ofNode;
export type CommonAttribute = keyof typeof ofAll;
export type Attribute = NodeAttribute | CommonAttribute;

export function isCommon(attribute: Attribute): attribute is CommonAttribute {
  return Object.hasOwn(ofAll, attribute);
}

export function commonValue(attribute: CommonAttribute, location: AwsLocation): string | undefined {
  return ofAll[attribute](location);
}

export function valueOf(attribute: NodeAttribute, node: KnownNode): string | undefined {
  return ofNode[attribute](node);
}

/** The values that AWS's inventory of nodes uses. */
export function instanceStatusOf(pingStatus: ListedNode['pingStatus']): 'Active' | 'ConnectionLost' {
  return pingStatus === 'Online' ? 'Active' : 'ConnectionLost';
}

/** Failed when one association failed, Pending when one has not ended. A node without associations has no status. */
export function associationStatusOf(
  counts: ListedNode['associations'] = {},
): 'Failed' | 'Pending' | 'Success' | undefined {
  const { Pending = 0, InProgress = 0, Success = 0, Failed = 0, TimedOut = 0, Skipped = 0 } = counts;
  if (Failed + TimedOut > 0) return 'Failed';
  if (Pending + InProgress > 0) return 'Pending';
  return Success + Skipped > 0 ? 'Success' : undefined;
}
