/** The timers that are kept, due or not. */
import { queryAll, type State } from '../../core/state.ts';
import { timerPartition, timerShards, type Timer } from '../../core/timers.ts';

/** By shard, and in each in the order in which they fall due. */
export async function timersLeft(state: State): Promise<Timer[]> {
  const shards = await Promise.all(
    Array.from({ length: timerShards }, (_, shard) => queryAll<Timer>(state, { pk: timerPartition(shard) })),
  );
  return shards.flat().map(({ body }) => body);
}
