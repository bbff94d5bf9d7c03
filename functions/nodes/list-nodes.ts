/** All nodes ordered by id, without tags. A page is one range read, or two where it crosses shards. */
import type { Context } from '../../core/context.ts';
import { byNode, toNodes, type NodeRows } from './fleet-rows.ts';
import type { ListedNode } from './node.ts';
import { behind, fleetPartition, fleetRows, nodeShards } from './store.ts';

export interface ListOptions {
  /** The `next` of the page before. */
  readonly after?: string | undefined;
  /** The most nodes of the page. */
  readonly limit: number;
}

export interface NodePage {
  readonly nodes: readonly ListedNode[];
  /** The last id that was read; absent at the end of the list. */
  readonly next?: string;
}

export async function listNodes(context: Context, { after, limit }: ListOptions): Promise<NodePage> {
  const found: NodeRows[] = [];
  let from = after === undefined ? undefined : behind(after);
  let shard = after === undefined ? 0 : nodeShards.shards.indexOf(nodeShards.shardOf(after));
  while (shard < nodeShards.shards.length && found.length <= limit) {
    const { nodes, rest } = await readOn(context, nodeShards.shards[shard]!, from, limit + 1 - found.length);
    found.push(...nodes);
    from = rest;
    if (rest === undefined) shard++;
  }
  const next = found.length > limit ? found[limit - 1]!.id : undefined;
  return { nodes: await toNodes(context, found.slice(0, limit)), ...(next === undefined ? {} : { next }) };
}

/** Nodes of a shard from a sort key on, at most as many as requested, and where the rest begins. */
async function readOn(
  context: Context,
  shard: string,
  from: string | undefined,
  wanted: number,
): Promise<{ readonly nodes: readonly NodeRows[]; readonly rest?: string }> {
  // One row more than this many nodes can have: the last node may be incomplete, and at least one is complete.
  const page = await context.state.query({
    pk: fleetPartition(shard),
    ...(from === undefined ? {} : { from }),
    limit: wanted * fleetRows.length + 1,
  });
  const groups = byNode(page.rows);
  if (page.next !== undefined) groups.pop();
  const nodes = groups.slice(0, wanted);
  const last = nodes.at(-1);
  const isAll = page.next === undefined && nodes.length === groups.length;
  return { nodes, ...(last === undefined || isAll ? {} : { rest: behind(last.id) }) };
}
