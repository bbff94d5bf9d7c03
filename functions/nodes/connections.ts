/**
 * Which gateway holds which node. A connection counts while its gateway renews its lease. A killed gateway stops
 * renewing, so its connections end without any change to their rows.
 */
import type { Context } from '../../core/context.ts';
import { ConditionFailed } from '../../core/state.ts';
import { connectionKey, gatewayKey, nodeKey, type ConnectionItem, type GatewayItem } from './store.ts';

/** How long a lease lasts, and how often a gateway renews it. Real time, because sockets use it. */
export const gatewayLease = { milliseconds: 45_000, renewEvery: 15_000 } as const;

/** Renews a gateway's lease. */
export async function renewGateway(context: Context, gatewayId: string): Promise<void> {
  const aliveUntil = Date.now() + gatewayLease.milliseconds;
  await context.state.write<GatewayItem>({
    put: gatewayKey(gatewayId),
    body: { aliveUntil },
    expiresAt: Math.ceil(aliveUntil / 1000) + 3600,
  });
}

/** Ends a gateway's lease when it stops. */
export async function endGateway(context: Context, gatewayId: string): Promise<void> {
  await context.state.write({ delete: gatewayKey(gatewayId) });
}

/** Which of these gateways are running. Up to 100. */
export async function liveGateways(
  context: Context,
  connections: readonly (Pick<ConnectionItem, 'gatewayId'> | undefined)[],
): Promise<ReadonlySet<string>> {
  const ids = [
    ...new Set(connections.flatMap((connection) => (connection === undefined ? [] : [connection.gatewayId]))),
  ];
  if (ids.length === 0) return new Set();
  const rows = await context.state.getMany<GatewayItem>(ids.map(gatewayKey));
  const now = Date.now();
  return new Set(ids.filter((id) => rows.some((row) => row.pk === gatewayKey(id).pk && row.body.aliveUntil > now)));
}

/** Records that a gateway holds the node, instead of any earlier connection. */
export async function openConnection(
  context: Context,
  nodeId: string,
  connection: Omit<ConnectionItem, 'connectedAt'>,
): Promise<void> {
  await context.state.write<ConnectionItem>({
    put: connectionKey(nodeId),
    body: { ...connection, connectedAt: context.clock.now() },
  });
}

/** Ends a connection, unless a newer one has replaced it. */
export async function closeConnection(context: Context, nodeId: string, connectionId: string): Promise<void> {
  try {
    await context.state.write({ delete: connectionKey(nodeId), when: { equals: { connectionId } } });
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
}

/** The node's connection, whether its gateway is running or not. */
export async function connectionOf(context: Context, nodeId: string): Promise<ConnectionItem | undefined> {
  return (await context.state.get<ConnectionItem>(connectionKey(nodeId)))?.body;
}

/** Whether the node's control channel is open. */
export async function isConnected(context: Context, nodeId: string): Promise<boolean> {
  const connection = await connectionOf(context, nodeId);
  return connection !== undefined && (await liveGateways(context, [connection])).size > 0;
}

/**
 * Whether a connection is still its node's current one. It ends when the node is deregistered, or when another
 * connection, of any gateway, replaces it.
 */
export async function connectionStands(
  context: Context,
  nodeId: string,
  connectionId: string,
): Promise<'stands' | 'replaced' | 'deregistered'> {
  const rows = await context.state.getMany([nodeKey(nodeId), connectionKey(nodeId)]);
  if (!rows.some((row) => row.sk === nodeKey(nodeId).sk)) return 'deregistered';
  const connection = rows.find((row) => row.sk === connectionKey(nodeId).sk)?.body as ConnectionItem | undefined;
  return connection?.connectionId === connectionId ? 'stands' : 'replaced';
}
