/**
 * A State over which writers meet as they do on DynamoDB: a write on an item that a transaction is just writing, and a
 * transaction on an item that anything else is writing, is refused. As the adapter does, it tries again some times.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { StateUnavailable, type Check, type Key, type State, type Write } from '../../core/state.ts';

/** The adapter's. */
const attempts = 9;
const firstPause = 20;
const longestPause = 1000;
/** Milliseconds that each item of a write takes. */
const takes = 2;

export interface Contention {
  /** Attempts that met another. */
  conflicts: number;
  /** Calls that gave up. */
  refused: number;
}

export function contendedState(state: State): { readonly state: State; readonly contention: Contention } {
  const contention: Contention = { conflicts: 0, refused: 0 };
  const busy = new Set<string>();

  async function alone<T>(keys: readonly Key[], work: () => Promise<T>): Promise<T> {
    const names = keys.map(({ pk, sk }) => JSON.stringify([pk, sk]));
    for (let attempt = 1; names.some((name) => busy.has(name)); attempt++) {
      contention.conflicts++;
      if (attempt >= attempts) {
        contention.refused++;
        throw new StateUnavailable('the table takes no more for now');
      }
      await sleep(Math.random() * Math.min(longestPause, firstPause * 2 ** (attempt - 1)));
    }
    for (const name of names) busy.add(name);
    try {
      await sleep(takes * names.length);
      return await work();
    } finally {
      for (const name of names) busy.delete(name);
    }
  }

  return {
    contention,
    state: {
      get: (...given) => state.get(...given),
      getMany: (...given) => state.getMany(...given),
      query: (query) => state.query(query),
      write: (write) => alone([keyOf(write)], () => state.write(write)),
      transact: (writes) => alone(writes.map(keyOf), () => state.transact(writes)),
      batch: (writes) => state.batch(writes),
    },
  };
}

function keyOf(write: Write | Check): Key {
  if ('put' in write) return write.put;
  if ('update' in write) return write.update;
  return 'delete' in write ? write.delete : write.check;
}
