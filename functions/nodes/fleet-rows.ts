/** Builds a node from its rows. */
import { takesOnlyAdminWork } from '../../core/admin-work.ts';
import type { Context } from '../../core/context.ts';
import type { Row } from '../../core/state.ts';
import { liveGateways } from './connections.ts';
import { pingStatusOf, type ListedNode } from './node.ts';
import {
  nodeAndRowOf,
  type AssociationsItem,
  type ConnectionItem,
  type FleetRow,
  type NodeItem,
  type PingItem,
} from './store.ts';

/** A node's rows in the fleet's partitions. */
export interface NodeRows {
  readonly id: string;
  /** Absent: the node does not exist (any more). A heart-beat that arrives while the node is deleted may remain. */
  readonly node?: NodeItem | undefined;
  readonly ping?: PingItem | undefined;
  readonly connection?: ConnectionItem | undefined;
  readonly associations?: AssociationsItem | undefined;
}

const members: Readonly<Record<string, keyof NodeRows>> = {
  NODE: 'node',
  PING: 'ping',
  CONNECTION: 'connection',
  ASSOCIATIONS: 'associations',
} satisfies Record<FleetRow, keyof NodeRows>;

/** Groups rows, which are in order, by node. */
export function byNode(rows: readonly Row[]): NodeRows[] {
  const nodes: { -readonly [Member in keyof NodeRows]: NodeRows[Member] | object }[] = [];
  for (const { sk, body } of rows) {
    const { nodeId, row } = nodeAndRowOf(sk);
    let last = nodes.at(-1);
    if (last?.id !== nodeId) nodes.push((last = { id: nodeId }));
    const member = members[row];
    if (member !== undefined) last[member] = body;
  }
  return nodes as NodeRows[];
}

/** The nodes that are registered, in their current state. */
export async function toNodes(context: Context, found: readonly NodeRows[]): Promise<ListedNode[]> {
  const alive = await liveGateways(
    context,
    found.map(({ connection }) => connection),
  );
  const now = context.clock.now();
  return found.flatMap(({ id, node, ping, connection, associations }) => {
    if (node === undefined) return [];
    const { nodeId: _id, announced: _announced, ...known } = node;
    const connected = connection !== undefined && alive.has(connection.gatewayId);
    return [
      {
        id,
        ...known,
        adminsOnly: takesOnlyAdminWork(node, context.settings),
        ...(ping === undefined ? {} : { lastPingAt: ping.at }),
        ...(associations === undefined ? {} : { associations }),
        connected,
        pingStatus: pingStatusOf(ping?.at, connected, now),
      },
    ];
  });
}
