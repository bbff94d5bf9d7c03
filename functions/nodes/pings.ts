/** What a node reports about itself, and when it counts as found or lost. */
import type { Context } from '../../core/context.ts';
import { InvalidInstanceId } from '../../core/errors.ts';
import { retryOnConflict } from '../../core/retry-on-conflict.ts';
import type { Row } from '../../core/state.ts';
import { scheduleTimer } from '../../core/timers.ts';
import { nodeConnectionChanged, nodePlatformChanged } from './events.ts';
import { indexNode } from './node-indexes.ts';
import { nodeKey, pingKey, type NodeItem, type PingItem } from './store.ts';
import { connectionTimer } from './watch-connection.ts';

export type NodeInformation = Partial<
  Pick<
    NodeItem,
    | 'agentName'
    | 'agentVersion'
    | 'platformType'
    | 'platformName'
    | 'platformVersion'
    | 'ipAddress'
    | 'computerName'
    | 'availabilityZone'
    | 'availabilityZoneId'
  >
>;

/**
 * Records a node's report. Most reports repeat the last one, and cost one write of a small row.
 * @param information empty texts are ignored: an agent's first report has only its platform
 * @throws InvalidInstanceId when there is no such node
 */
export async function recordPing(context: Context, nodeId: string, information: NodeInformation): Promise<void> {
  const at = context.clock.now();
  // The heart-beat is written before the node is read: if a timer declares the node lost in between, this call sees
  // that and corrects it.
  await context.state.write<PingItem>({ put: pingKey(nodeId), body: { at } });
  await retryOnConflict(async () => {
    const row = await context.state.get<NodeItem>(nodeKey(nodeId));
    if (row === undefined) {
      await context.state.write({ delete: pingKey(nodeId) });
      throw new InvalidInstanceId(`${nodeId} is not a registered managed node.`);
    }
    await announceOnline(context, row, changed(row.body, information));
  }, context);
}

/** Records that a node's control channel opened: the node is online, whatever its reports say. */
export async function recordConnected(context: Context, nodeId: string): Promise<void> {
  await retryOnConflict(async () => {
    const row = await context.state.get<NodeItem>(nodeKey(nodeId));
    if (row !== undefined) await announceOnline(context, row, {});
  }, context);
}

/** A node that was not known to be online is online from now on, and a timer watches it. */
async function announceOnline(context: Context, row: Row<NodeItem>, set: NodeInformation): Promise<void> {
  const { nodeId } = row.body;
  const when = { version: row.version };
  const indexes = indexNode(nodeId, row.body, { ...row.body, ...set });
  const platform =
    set.platformType === undefined
      ? []
      : [nodePlatformChanged(context, nodeId, set.platformType, row.body.platformType)];
  if (row.body.announced === 'Online') {
    if (Object.keys(set).length > 0)
      await context.state.transact([{ update: nodeKey(nodeId), set, when, events: platform }, ...indexes]);
    return;
  }
  const now = context.clock.now();
  await context.state.transact([
    {
      update: nodeKey(nodeId),
      set: { ...set, announced: 'Online' } satisfies Partial<NodeItem>,
      when,
      events: [nodeConnectionChanged(context, nodeId, 'Online', now), ...platform],
    },
    scheduleTimer(connectionTimer(nodeId, now)),
    ...indexes,
  ]);
}

function changed(known: NodeItem, information: NodeInformation): NodeInformation {
  const entries = Object.entries(information).filter(
    ([name, value]) => value !== '' && value !== undefined && known[name as keyof NodeInformation] !== value,
  );
  return Object.fromEntries(entries);
}
