/** Reading nodes. */
import type { Context } from '../../core/context.ts';
import type { Check, Key, Row } from '../../core/state.ts';
import { idsOfAll, justAfter, OrderedIds, tagsKey, type TagsItem } from '../tags/index.ts';
import { toNodes } from './fleet-rows.ts';
import type { Node } from './node.ts';
import {
  connectionKey,
  listPartition,
  managedInstance,
  nodeKey,
  nodeShards,
  pingKey,
  type ConnectionItem,
  type NodeItem,
  type PingItem,
} from './store.ts';

/** A registered node, or `undefined`. */
export async function getNode(context: Context, nodeId: string): Promise<Node | undefined> {
  return (await getNodes(context, [nodeId]))[0];
}

/** The registered nodes among the ids, in the order of the ids. Any number of ids. */
export async function getNodes(context: Context, nodeIds: readonly string[]): Promise<Node[]> {
  return (await getNodesAsTargets(context, nodeIds)).map(({ node }) => node);
}

/** A node whose tags somebody has judged, and what must still hold when the judgement is written. */
export interface NodeAsTarget {
  readonly node: Node;
  /** The node is registered, and its tags are those that were read. For the transaction that relies on them. */
  readonly unchanged: readonly Check[];
}

/**
 * As {@link getNodes}, for whoever decides by tags and writes: tags that change between the two fail the transaction.
 * @example
 * const [target] = await getNodesAsTargets(context, [nodeId]);
 * if (target !== undefined && meets(target.node, criteria)) await context.state.transact([...target.unchanged, put]);
 */
export async function getNodesAsTargets(context: Context, nodeIds: readonly string[]): Promise<NodeAsTarget[]> {
  const nodes: NodeAsTarget[] = [];
  for (let at = 0; at < nodeIds.length; at += nodesPerRead)
    nodes.push(...(await readNodes(context, nodeIds.slice(at, at + nodesPerRead))));
  return nodes;
}

/** Which of the ids are registered nodes. Reads only the nodes' main rows. */
export async function registeredIds(context: Context, nodeIds: readonly string[]): Promise<string[]> {
  const registered: string[] = [];
  for (let at = 0; at < nodeIds.length; at += 100)
    for (const row of await context.state.getMany<NodeItem>(nodeIds.slice(at, at + 100).map(nodeKey)))
      registered.push(row.body.nodeId);
  return registered.sort();
}

/** A page of all nodes' ids, in order. @param after the last id of the page before */
export async function listNodeIds(
  context: Context,
  { after, limit }: { readonly after?: string | undefined; readonly limit: number },
): Promise<string[]> {
  return idsOfAll([allNodeIds(context)], after === undefined ? '' : justAfter(after), limit);
}

/** The ids of all nodes, in order. */
export function allNodeIds(context: Context): OrderedIds {
  return new OrderedIds(nodeShards, async (shard, from, limit) => {
    const page = await context.state.query({ pk: listPartition(shard), ...(from === '' ? {} : { from }), limit });
    return { ids: page.rows.map((row) => row.sk), more: page.next !== undefined };
  });
}

/** Each node has four rows, and a read has at most 100. */
const nodesPerRead = 25;

async function readNodes(context: Context, nodeIds: readonly string[]): Promise<NodeAsTarget[]> {
  const keys = [...new Set(nodeIds)].flatMap((id) => [
    nodeKey(id),
    pingKey(id),
    connectionKey(id),
    tagsKey(managedInstance, id),
  ]);
  const rows = new Map((await context.state.getMany(keys)).map((row) => [`${row.pk} ${row.sk}`, row]));
  const row = <T extends object>({ pk, sk }: Key): Row<T> | undefined => rows.get(`${pk} ${sk}`) as Row<T> | undefined;
  const body = <T extends object>(key: Key): T | undefined => row<T>(key)?.body;
  const nodes = await toNodes(
    context,
    nodeIds.map((id) => ({
      id,
      node: body<NodeItem>(nodeKey(id)),
      ping: body<PingItem>(pingKey(id)),
      connection: body<ConnectionItem>(connectionKey(id)),
    })),
  );
  return nodes.map((node) => {
    const key = tagsKey(managedInstance, node.id);
    const tags = row<TagsItem>(key);
    return {
      node: { ...node, tags: tags?.body.tags ?? {} },
      unchanged: [
        { check: nodeKey(node.id), when: { row: 'present' } },
        { check: key, when: tags === undefined ? { row: 'absent' } : { version: tags.version } },
      ],
    };
  });
}
