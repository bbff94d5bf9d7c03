/**
 * A State in memory that counts its calls: for tests over fleets that a file would make slow. It keeps DynamoDB's
 * limits.
 */
import type { Clock } from '../../core/clock.ts';
import { checkExpiry, checkItem, checkMany, checkTransaction, keyOf } from '../../core/state-limits.ts';
import { updatedBody } from '../../core/state-update.ts';
import {
  ConditionFailed,
  type Body,
  type Check,
  type IndexKeys,
  type Key,
  type Page,
  type Query,
  type Row,
  type State,
  type Write,
} from '../../core/state.ts';
import { isConditionMet } from '../../local/sqlite/conditions.ts';

interface Kept extends Row {
  readonly indexes: IndexKeys;
}

interface Partition {
  readonly rows: Map<string, Kept>;
  /** Sort keys in their order: ASCII, as all of ours are. */
  readonly order: string[];
}

/** Indexes are not kept: a test that asks for one is told so. */
export class MemoryState implements State {
  /** By method, since the last look. */
  readonly calls = { get: 0, getMany: 0, query: 0, write: 0, transact: 0, batch: 0 };
  /** DynamoDB's write units: a KB each of what is written, twice in a transaction, once more for each index. */
  writeUnits = 0;
  readonly #clock: Clock;
  readonly #partitions = new Map<string, Partition>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** All of them. */
  get callCount(): number {
    return Object.values(this.calls).reduce((sum, count) => sum + count, 0);
  }

  async get<T extends Body>(key: Key): Promise<Row<T> | undefined> {
    this.calls.get++;
    return this.#find(key) as Row<T> | undefined;
  }

  async getMany<T extends Body>(keys: readonly Key[]): Promise<readonly Row<T>[]> {
    this.calls.getMany++;
    checkMany(keys);
    return keys.flatMap((key) => this.#find(key) ?? []) as unknown as readonly Row<T>[];
  }

  async query<T extends Body>(query: Query): Promise<Page<T>> {
    this.calls.query++;
    const { pk, index, from, to, prefix, reverse = false, limit = 1000, after } = query;
    if (index !== undefined) throw new Error('this State keeps no indexes');
    const partition = this.#partitions.get(pk);
    const rows: Kept[] = [];
    const order = partition?.order ?? [];
    const start = reverse
      ? (after === undefined ? order.length : placeOf(order, after)) - 1
      : Math.max(placeOf(order, from ?? prefix ?? ''), after === undefined ? 0 : placeOf(order, `${after}\0`));
    for (let place = start; place >= 0 && place < order.length; place += reverse ? -1 : 1) {
      const sk = order[place]!;
      if (prefix !== undefined && !sk.startsWith(prefix)) {
        if (reverse) continue;
        break;
      }
      if (to !== undefined && sk > to) {
        if (reverse) continue;
        break;
      }
      if (from !== undefined && sk < from) break;
      const row = this.#find({ pk, sk });
      if (row === undefined) continue;
      if (rows.length === limit) return { rows: rows as unknown as Row<T>[], next: rows.at(-1)!.sk };
      rows.push(row);
    }
    return { rows: rows as unknown as Row<T>[] };
  }

  async write<T extends Body>(write: Write): Promise<Row<T> | undefined> {
    this.calls.write++;
    this.#apply([write], 1);
    return this.#find(keyOf(write)) as Row<T> | undefined;
  }

  async transact(writes: readonly (Write | Check)[]): Promise<void> {
    this.calls.transact++;
    checkTransaction(writes);
    this.#apply(writes, 2);
  }

  async batch(writes: Parameters<State['batch']>[0]): Promise<void> {
    this.calls.batch++;
    this.#apply(writes, 1);
  }

  #apply(writes: readonly (Write | Check)[], unitsPerKb: number): void {
    for (const [place, write] of writes.entries())
      if (!isConditionMet('when' in write ? write.when : undefined, this.#find(keyOf(write))))
        throw new ConditionFailed(keyOf(write), place);
    for (const write of writes) this.#one(write, unitsPerKb);
  }

  #one(write: Write | Check, unitsPerKb: number): void {
    if ('check' in write) return;
    const key = keyOf(write);
    const old = this.#find(key);
    if ('delete' in write) {
      const partition = this.#partitions.get(key.pk);
      if (partition?.rows.delete(key.sk) === true) partition.order.splice(placeOf(partition.order, key.sk), 1);
      this.writeUnits += unitsPerKb;
      return;
    }
    const body = 'put' in write ? write.body : updatedBody(old?.body, write);
    const indexes = { ...('put' in write ? {} : old?.indexes), ...write.indexes } as IndexKeys;
    const expiresAt = write.expiresAt === undefined && 'update' in write ? old?.expiresAt : write.expiresAt;
    checkExpiry(key, expiresAt);
    const size = checkItem(key, body, Object.values<Key>(indexes));
    this.writeUnits += Math.ceil(size / 1024) * (unitsPerKb + Object.keys(indexes).length);
    const version = 'put' in write ? (write.when?.version ?? 0) + 1 : (old?.version ?? 0) + 1;
    this.#keep({
      ...key,
      version,
      body: JSON.parse(JSON.stringify(body)) as Body,
      indexes,
      ...(expiresAt === undefined || expiresAt === null ? {} : { expiresAt }),
    });
  }

  #keep(row: Kept): void {
    let partition = this.#partitions.get(row.pk);
    if (partition === undefined) this.#partitions.set(row.pk, (partition = { rows: new Map(), order: [] }));
    if (!partition.rows.has(row.sk)) partition.order.splice(placeOf(partition.order, row.sk), 0, row.sk);
    partition.rows.set(row.sk, row);
  }

  #find({ pk, sk }: Key): Kept | undefined {
    const row = this.#partitions.get(pk)?.rows.get(sk);
    return row?.expiresAt !== undefined && row.expiresAt <= Math.floor(this.#clock.now() / 1000) ? undefined : row;
  }
}

/** The place of a sort key, or where it would be. */
function placeOf(order: readonly string[], sk: string): number {
  let low = 0;
  let high = order.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (order[middle]! < sk) low = middle + 1;
    else high = middle;
  }
  return low;
}
