/** How many nodes there are of each kind, without a look at any. */
import type { Context } from '../../core/context.ts';
import { queryAll } from '../../core/state.ts';
import type { KindItem } from './node-indexes.ts';
import { kindsPartition, nodeShards } from './store.ts';

/** Kinds of which there are nodes, one of them perhaps several times: once a shard. */
export async function countKinds(context: Context): Promise<KindItem[]> {
  const shards = await Promise.all(
    nodeShards.shards.map((shard) => queryAll<KindItem>(context.state, { pk: kindsPartition(shard) })),
  );
  return shards.flat().flatMap(({ body }) => (body.count > 0 ? [body] : []));
}
