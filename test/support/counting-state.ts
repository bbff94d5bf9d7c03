/** A State that counts what is asked of it, as DynamoDB would bill it. */
import type { Key, State } from '../../core/state.ts';

export interface Counted {
  /** Calls: one of getMany is one. */
  calls: number;
  /** Items read, by key or by a query; a query that finds none counts as one, as it is billed. */
  items: number;
  /** Writes, each of a transaction or a batch. */
  writes: number;
  /** Items read, by partition. */
  readonly byPartition: Map<string, number>;
}

/** @returns the state, and what it has counted so far */
export function countingState(state: State): { readonly state: State; readonly counted: Counted } {
  const counted: Counted = { calls: 0, items: 0, writes: 0, byPartition: new Map() };
  const read = (pk: string, items: number): void => {
    counted.items += items;
    counted.byPartition.set(pk, (counted.byPartition.get(pk) ?? 0) + items);
  };
  return {
    counted,
    state: {
      get: (key: Key, known) => {
        counted.calls++;
        read(key.pk, 1);
        return state.get(key, known);
      },
      getMany: (keys, known) => {
        counted.calls++;
        for (const { pk } of keys) read(pk, 1);
        return state.getMany(keys, known);
      },
      query: async (query) => {
        counted.calls++;
        const page = await state.query<never>(query);
        read(query.pk, Math.max(1, page.rows.length));
        return page;
      },
      write: (write) => {
        counted.writes++;
        return state.write(write);
      },
      transact: (writes) => {
        counted.writes += writes.length;
        return state.transact(writes);
      },
      batch: (writes) => {
        counted.writes += writes.length;
        return state.batch(writes);
      },
    },
  };
}
