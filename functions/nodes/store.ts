/**
 * Where nodes are kept: keys and item shapes.
 *
 * | row | pk | sk |
 * |---|---|---|
 * | node, heart-beat, connection, associations | `FLEET#<shard>` | `<node>#NODE`, `#PING`, `#CONNECTION`,
 * `#ASSOCIATIONS` |
 * | its place in the list of ids | `NODES#<shard>` | `<node>` |
 * | its place among the nodes of one attribute | `NODES-BY#<attribute>#<shard>#<value>` | `<node>` |
 * | how many nodes are alike | `NODE-KINDS#<shard>` | hash of what they have in common |
 * | its key | `NODE#<node>` | `IDENTITY` |
 * | what waits for it | `MAIL#<node>` | `<message>` |
 *
 * What a list of nodes shows lies side by side, so that a page of it is one range read.
 */
import type { Key } from '../../core/state.ts';
import type { TagIndex } from '../tags/index.ts';

/** The node itself: what changes seldom. */
export interface NodeItem {
  readonly nodeId: string;
  readonly source: NodeSource;
  readonly registeredAt: number;
  readonly activationId?: string;
  readonly iamRole?: string;
  readonly name?: string;
  /** Its agent has been seen on Flotilla's own machine, as root or as Flotilla's own user. It stays so. */
  readonly onServiceMachine?: true;
  /** The last connection status that was published. A timer watches the node exactly while it is Online. */
  readonly announced?: 'Online' | 'ConnectionLost';
  readonly agentName?: string;
  readonly agentVersion?: string;
  readonly platformType?: string;
  readonly platformName?: string;
  readonly platformVersion?: string;
  readonly ipAddress?: string;
  readonly computerName?: string;
  readonly availabilityZone?: string;
  readonly availabilityZoneId?: string;
}

/** Through what a node is reached. */
export type NodeSource = { readonly kind: 'gateway' };

/** The heart-beat: small, without index keys, because every node writes it every five minutes. */
export interface PingItem {
  /** Epoch milliseconds. */
  readonly at: number;
}

/** The states of an association on a node. */
export type AssociationState = 'Pending' | 'InProgress' | 'Success' | 'Failed' | 'TimedOut' | 'Skipped';

/** How many associations of a node stand how, and when one ran; epoch milliseconds. */
export interface AssociationsItem extends Readonly<Partial<Record<AssociationState, number>>> {
  readonly lastExecutionAt?: number;
  readonly lastSuccessAt?: number;
}

/** Who a node proves to be. Read only to verify its own signature. */
export interface IdentityItem {
  readonly nodeId: string;
  /** Base64 of the DER SubjectPublicKeyInfo, RSA. */
  readonly publicKey: string;
  readonly publicKeyType: string;
  readonly fingerprint?: string;
}

/** Which gateway holds the node's control channel. */
export interface ConnectionItem {
  readonly gatewayId: string;
  readonly connectionId: string;
  readonly connectedAt: number;
}

/** A gateway that lives says so again and again; connections of one that has stopped count for nothing. */
export interface GatewayItem {
  /** Epoch milliseconds, real time. */
  readonly aliveUntil: number;
}

export interface MessageItem {
  readonly nodeId: string;
  readonly messageId: string;
  readonly kind: string;
  readonly reference: object;
  readonly createdAt?: number;
  /** Epoch milliseconds until which a polling node that took it has it to itself. */
  readonly hiddenUntil?: number;
}

/** The rows that a node may have in the fleet's partitions. */
export const fleetRows = ['NODE', 'PING', 'CONNECTION', 'ASSOCIATIONS'] as const;
export type FleetRow = (typeof fleetRows)[number];

export const fleetPartition = (shard: string): string => `FLEET#${shard}`;
/** No id has a `#`, and all that ids have sorts behind it: rows are in the order of their nodes. */
const fleetKey = (nodeId: string, row: FleetRow): Key => ({
  pk: fleetPartition(nodeShards.shardOf(nodeId)),
  sk: `${nodeId}#${row}`,
});
/** A sort key behind all rows of a node, and before those of the next. */
export const behind = (nodeId: string): string => `${nodeId}$`;
/** Whose row it is, and which. */
export function placeOf(sk: string): { readonly nodeId: string; readonly row: string } {
  const at = sk.lastIndexOf('#');
  return { nodeId: sk.slice(0, at), row: sk.slice(at + 1) };
}

export const nodeKey = (nodeId: string): Key => fleetKey(nodeId, 'NODE');
export const pingKey = (nodeId: string): Key => fleetKey(nodeId, 'PING');
export const connectionKey = (nodeId: string): Key => fleetKey(nodeId, 'CONNECTION');
export const associationsKey = (nodeId: string): Key => fleetKey(nodeId, 'ASSOCIATIONS');
export const identityKey = (nodeId: string): Key => ({ pk: `NODE#${nodeId}`, sk: 'IDENTITY' });
export const listKey = (nodeId: string): Key => ({ pk: listPartition(nodeShards.shardOf(nodeId)), sk: nodeId });
export const listPartition = (shard: string): string => `NODES#${shard}`;
export const attributePartition = (attribute: string, shard: string, value: string): string =>
  `NODES-BY#${attribute}#${shard}#${value}`;
export const kindsPartition = (shard: string): string => `NODE-KINDS#${shard}`;
export const mailPartition = (nodeId: string): string => `MAIL#${nodeId}`;
export const messageKey = (nodeId: string, messageId: string): Key => ({ pk: mailPartition(nodeId), sk: messageId });
export const gatewayKey = (gatewayId: string): Key => ({ pk: `GATEWAY#${gatewayId}`, sk: 'LEASE' });

/** The resource type of nodes' tags. */
export const managedInstance = 'ManagedInstance';

/**
 * The list of nodes and the index of their tags are spread by the first digit of the id, which is random:
 * so a fleet heats no partition, and reading the shards one after the other is reading in the order of ids.
 */
export const nodeShards: TagIndex = {
  shards: ['', ...'0123456789abcdef'],
  shardOf: (nodeId) => /^mi-([0-9a-f])/.exec(nodeId)?.[1] ?? '',
};
