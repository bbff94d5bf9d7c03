/** The State port's reads on DynamoDB. */
import { BatchGetItemCommand, GetItemCommand, QueryCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Clock } from '../core/clock.ts';
import { decodeCursor, encodeCursor, type Position } from '../core/state-cursor.ts';
import { checkMany, manyRows, nameOf, pageBytes } from '../core/state-limits.ts';
import {
  checkShape,
  isTooNew,
  type Body,
  type Key,
  type Page,
  type Query,
  type Row,
  type Shaped,
} from '../core/state.ts';
import type { Item } from './attribute-values.ts';
import { Attempts, repeat } from './state-attempts.ts';
import { isExpired, keyItem, keyOfItem, refuseNewer, toRow } from './state-item.ts';
import { isEmptyRange, positionOf, queryParts, startKey } from './state-query.ts';

export class StateReads {
  readonly #client: DynamoDBClient;
  readonly #table: string;
  readonly #clock: Clock;

  constructor(client: DynamoDBClient, table: string, clock: Clock) {
    this.#client = client;
    this.#table = table;
    this.#clock = clock;
  }

  /** The item, also when it has expired. */
  async item(key: Key): Promise<Item | undefined> {
    const Key = keyItem(key);
    const input = { TableName: this.#table, Key, ConsistentRead: true };
    return (await repeat(() => this.#client.send(new GetItemCommand(input)), key)).Item;
  }

  async get<T extends Body>(key: Key, known?: Shaped): Promise<Row<T> | undefined> {
    const item = await this.item(key);
    refuseNewer(item, known, this.#seconds());
    return item === undefined || isExpired(item, this.#seconds()) ? undefined : toRow<T>(item);
  }

  async getMany<T extends Body>(keys: readonly Key[], known?: Shaped): Promise<readonly Row<T>[]> {
    return readable<T>(await this.#items(keys), known);
  }

  async query<T extends Body>(query: Query): Promise<Page<T>> {
    const after = decodeCursor(query);
    if (isEmptyRange(query)) return { rows: [] };
    return query.index === undefined ? this.#ofTable<T>(query, after) : this.#ofIndex<T>(query, after);
  }

  async #ofTable<T extends Body>(query: Query, after: Position | undefined): Promise<Page<T>> {
    const now = this.#seconds();
    const rows: Row<T>[] = [];
    let last: Item | undefined = after && startKey(after, undefined);
    // A page may hold only expired rows; then the next page is read. A page that DynamoDB ended before the limit has
    // reached 1 MB.
    let full = false;
    do {
      const rest = query.limit === undefined ? undefined : query.limit - rows.length;
      const { items, read, next } = await this.#page(query, rest, last);
      rows.push(
        ...readable<T>(
          items.filter((item) => !isExpired(item, now)),
          query,
        ),
      );
      last = next;
      full = rows.length > 0 && (rest === undefined || read < rest);
    } while (last !== undefined && !full && rows.length < (query.limit ?? Infinity));
    return { rows, ...(last === undefined ? {} : { next: encodeCursor(positionOf(last, undefined)) }) };
  }

  /** The index has the keys in order; the rows are read from the table. */
  async #ofIndex<T extends Body>(query: Query, after: Position | undefined): Promise<Page<T>> {
    const rows: Row<T>[] = [];
    let last: Item | undefined = after && startKey(after, query.index);
    let bytes = 0;
    do {
      const rest = (query.limit ?? Infinity) - rows.length;
      const { items: entries, next } = await this.#page(query, Math.min(rest, manyRows), last);
      const found = await this.#items(entries.map(keyOfItem));
      const byName = new Map(found.map((item) => [nameOf(keyOfItem(item)), item]));
      for (const [position, entry] of entries.entries()) {
        // An index entry may exist for a moment longer than its row.
        const item = byName.get(nameOf(keyOfItem(entry)));
        if (item === undefined) continue;
        rows.push(...readable<T>([item], query));
        bytes += JSON.stringify(item).length;
        const isLast = position === entries.length - 1 && next === undefined;
        if (!isLast && (rows.length === query.limit || bytes >= pageBytes))
          return { rows, next: encodeCursor(positionOf(entry, query.index)) };
      }
      last = next;
    } while (last !== undefined);
    return { rows };
  }

  async #page(
    query: Query,
    limit: number | undefined,
    start: Item | undefined,
  ): Promise<{ readonly items: Item[]; readonly read: number; readonly next: Item | undefined }> {
    const input = { TableName: this.#table, ...queryParts(query), Limit: limit, ExclusiveStartKey: start };
    const {
      Items: items = [],
      ScannedCount: read = items.length,
      LastEvaluatedKey: next,
    } = await repeat(() => this.#client.send(new QueryCommand(input)), { pk: query.pk, sk: '' });
    return { items, read, next };
  }

  /** Items that exist and have not expired, each once, in no particular order. */
  async #items(keys: readonly Key[]): Promise<Item[]> {
    checkMany(keys);
    const now = this.#seconds();
    const items: Item[] = [];
    let rest = [...new Map(keys.map((key) => [nameOf(key), keyItem(key)])).values()];
    const tries = new Attempts();
    while (rest.length > 0) {
      const request = { RequestItems: { [this.#table]: { Keys: rest, ConsistentRead: true } } };
      const { Responses: found = {}, UnprocessedKeys: unread = {} } = await repeat(
        () => this.#client.send(new BatchGetItemCommand(request)),
        keys[0],
      );
      items.push(...(found[this.#table] ?? []).filter((item) => !isExpired(item, now)));
      rest = unread[this.#table]?.Keys ?? [];
      if (rest.length > 0) await tries.again();
    }
    return items;
  }

  #seconds(): number {
    return Math.floor(this.#clock.now() / 1000);
  }
}

/** The rows whose shape the caller knows. @throws RowTooNew for others, unless they are skipped */
function readable<T extends Body>(items: readonly Item[], known: Pick<Query, 'shape' | 'newer'> = {}): Row<T>[] {
  const rows = items.map((item) => toRow<T>(item));
  if (known.newer === 'skip') return rows.filter((row) => !isTooNew(row, known));
  for (const row of rows) checkShape(row, known);
  return rows;
}
