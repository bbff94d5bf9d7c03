/** Counts nodes by kind without reading any node. */
import type { Context } from '../../core/context.ts';
import { queryAll } from '../../core/state.ts';
import type { KindItem } from './node-indexes.ts';
import { kindsPartition, nodeShards } from './store.ts';

/** The kinds of existing nodes. A kind may be listed several times, once for each shard. */
export async function countKinds(context: Context): Promise<KindItem[]> {
  const shards = await Promise.all(
    nodeShards.shards.map((shard) => queryAll<KindItem>(context.state, { pk: kindsPartition(shard) })),
  );
  return shards.flat().flatMap(({ body }) => (body.count > 0 ? [body] : []));
}
