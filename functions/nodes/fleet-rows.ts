/** From a node's rows to the node. */
import { takesOnlyAdminWork } from '../../core/admin-work.ts';
import type { Context } from '../../core/context.ts';
import type { Row } from '../../core/state.ts';
import { liveGateways } from './connections.ts';
import { pingStatusOf, type ListedNode } from './node.ts';
import {
  placeOf,
  type AssociationsItem,
  type ConnectionItem,
  type FleetRow,
  type NodeItem,
  type PingItem,
} from './store.ts';

/** What the fleet's partitions have of a node. */
export interface NodeRows {
  readonly id: string;
  /** Absent: it is none (any more). A heart-beat of a node that goes at that moment may stay behind it. */
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

/** Rows in their order, put together by node. */
export function byNode(rows: readonly Row[]): NodeRows[] {
  const nodes: { -readonly [Member in keyof NodeRows]: NodeRows[Member] | object }[] = [];
  for (const { sk, body } of rows) {
    const { nodeId, row } = placeOf(sk);
    let last = nodes.at(-1);
    if (last?.id !== nodeId) nodes.push((last = { id: nodeId }));
    const member = members[row];
    if (member !== undefined) last[member] = body;
  }
  return nodes as NodeRows[];
}

/** Those that are registered, as they stand now. */
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
