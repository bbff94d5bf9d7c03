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

/** The node itself: data that rarely changes. */
export interface NodeItem {
  readonly nodeId: string;
  readonly source: NodeSource;
  readonly registeredAt: number;
  readonly activationId?: string;
  readonly iamRole?: string;
  readonly name?: string;
  /**
   * The node's agent was seen on Flotilla's own machine, as root or as Flotilla's own user. This never becomes false
   * again.
   */
  readonly onServiceMachine?: true;
  /** The last connection status that was published. A timer watches the node exactly while this is Online. */
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

/** How a node is reached. */
export type NodeSource = { readonly kind: 'gateway' };

/** The heart-beat. It is small and has no index keys, because every node writes it every five minutes. */
export interface PingItem {
  /** Epoch milliseconds. */
  readonly at: number;
}

/** The states of an association on a node. */
export type AssociationState = 'Pending' | 'InProgress' | 'Success' | 'Failed' | 'TimedOut' | 'Skipped';

/** How many associations of a node are in each state, and when one last ran (epoch milliseconds). */
export interface AssociationsItem extends Readonly<Partial<Record<AssociationState, number>>> {
  readonly lastExecutionAt?: number;
  readonly lastSuccessAt?: number;
}

/** A node's public key. It is read only to verify the node's own signature. */
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

/** A running gateway renews this row. Connections of a gateway whose row is outdated do not count. */
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
  /** Epoch milliseconds until which only the poll that took the message may have it. */
  readonly hiddenUntil?: number;
}

/** The rows of a node in the fleet's partitions. */
export const fleetRows = ['NODE', 'PING', 'CONNECTION', 'ASSOCIATIONS'] as const;
export type FleetRow = (typeof fleetRows)[number];

export const fleetPartition = (shard: string): string => `FLEET#${shard}`;
/** Ids have no `#`, and all characters of ids sort after it, so rows are ordered by node. */
const fleetKey = (nodeId: string, row: FleetRow): Key => ({
  pk: fleetPartition(nodeShards.shardOf(nodeId)),
  sk: `${nodeId}#${row}`,
});
/** A sort key after all rows of a node, and before the rows of the next node. */
export const behind = (nodeId: string): string => `${nodeId}$`;
/** The node and the kind of a row, from its sort key. */
export function nodeAndRowOf(sk: string): { readonly nodeId: string; readonly row: string } {
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
 * The list of nodes and the index of their tags are spread by the first digit of the id, which is random, so no
 * partition gets most of the load. Reading the shards one after the other gives the nodes ordered by id.
 */
export const nodeShards: TagIndex = {
  shards: ['', ...'0123456789abcdef'],
  shardOf: (nodeId) => /^mi-([0-9a-f])/.exec(nodeId)?.[1] ?? '',
};
