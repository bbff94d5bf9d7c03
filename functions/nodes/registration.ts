/** Adds and removes a node: the writes, for the transaction of the calling room. */
import type { Context } from '../../core/context.ts';
import type { OutgoingEvent } from '../../core/events.ts';
import { InvalidInstanceId } from '../../core/errors.ts';
import { retryOnConflict } from '../../core/retry-on-conflict.ts';
import { anyShape, queryAll, type Put, type Write } from '../../core/state.ts';
import { removeTags, writeTags, type Tags } from '../tags/index.ts';
import { indexNode } from './node-indexes.ts';
import type { IdentityItem, NodeItem } from './store.ts';
import {
  associationsKey,
  connectionKey,
  identityKey,
  listKey,
  mailPartition,
  managedInstance,
  nodeKey,
  nodeShards,
  pingKey,
} from './store.ts';

export interface NewNode {
  readonly node: Pick<NodeItem, 'nodeId' | 'registeredAt' | 'activationId' | 'iamRole' | 'name' | 'onServiceMachine'>;
  readonly identity: Omit<IdentityItem, 'nodeId'>;
  readonly tags: Tags;
  readonly events: readonly OutgoingEvent[];
}

/**
 * The writes that add a node: three rows, up to seven rows for finding and counting it, one for its tags and one for
 * each tag.
 */
export function writeNode({ node, identity, tags, events }: NewNode): Write[] {
  const row: Put<NodeItem> = {
    put: nodeKey(node.nodeId),
    body: { ...node, source: { kind: 'gateway' } },
    when: { row: 'absent' },
    events,
  };
  return [
    row,
    { put: identityKey(node.nodeId), body: { nodeId: node.nodeId, ...identity } satisfies IdentityItem },
    { put: listKey(node.nodeId), body: {} },
    ...indexNode(node.nodeId, undefined, node),
    ...writeTags({ resourceType: managedInstance, resourceId: node.nodeId, index: nodeShards }, tags),
  ];
}

/**
 * Removes a node with all its rows: identity, list entry, tags, connection, the states of its associations, waiting
 * messages.
 * @param eventsOf the events that report it
 * @throws InvalidInstanceId when the node does not exist (any more)
 */
export async function removeNode(
  context: Context,
  nodeId: string,
  eventsOf: (node: NodeItem) => readonly OutgoingEvent[],
): Promise<void> {
  await retryOnConflict(async () => {
    const node = await context.state.get<NodeItem>(nodeKey(nodeId));
    if (node === undefined) throw new InvalidInstanceId(`${nodeId} is not a registered managed node.`);
    await context.state.transact([
      { delete: nodeKey(nodeId), when: { version: node.version }, events: eventsOf(node.body) },
      { delete: identityKey(nodeId) },
      { delete: listKey(nodeId) },
      { delete: pingKey(nodeId) },
      { delete: connectionKey(nodeId) },
      { delete: associationsKey(nodeId) },
      ...indexNode(nodeId, node.body, undefined),
      ...(await removeTags(context, { resourceType: managedInstance, resourceId: nodeId, index: nodeShards })),
    ]);
  }, context);
  const messages = await queryAll(context.state, { pk: mailPartition(nodeId), ...anyShape });
  for (let at = 0; at < messages.length; at += 25)
    await context.state.batch(messages.slice(at, at + 25).map(({ pk, sk }) => ({ delete: { pk, sk } })));
  // The gateway that holds its connection finds that the node is gone, and closes it.
  context.mailbox.wake(nodeId);
}

/** Changes a node's role. @throws InvalidInstanceId when there is no such node */
export async function setNodeRole(context: Context, nodeId: string, iamRole: string): Promise<void> {
  await retryOnConflict(async () => {
    const node = await context.state.get<NodeItem>(nodeKey(nodeId));
    if (node === undefined) throw new InvalidInstanceId(`${nodeId} is not a registered managed node.`);
    await context.state.transact([
      { update: nodeKey(nodeId), set: { iamRole }, when: { version: node.version } },
      ...indexNode(nodeId, node.body, { ...node.body, iamRole }),
    ]);
  }, context);
}
