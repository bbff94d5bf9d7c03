/** Reads of the state file. They do not wait for commits: group-commit.ts adds that. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Clock } from '../../core/clock.ts';
import { encodeCursor } from '../../core/state-cursor.ts';
import { checkKey, checkMany, nameOf, pageBytes } from '../../core/state-limits.ts';
import { checkShape, type Body, type Key, type Page, type Query, type Row, type Shaped } from '../../core/state.ts';
import { querySql } from './query.ts';
import type { RecentRow, RecentRows } from './recent-rows.ts';
import { Statements } from './statements.ts';

/** The columns of a query; `place` is the sort key that orders it. */
type RowColumns = readonly [
  pk: string,
  sk: string,
  version: number,
  body: string,
  expiresAt: number | null,
  shape: number | null,
  place?: string,
];

export class Reader {
  /** Rows as arrays of columns cost half as much as objects. */
  readonly #queries: Statements;
  readonly #clock: Clock;
  readonly #recent: RecentRows;
  /** The most frequent statement. */
  readonly #byKey: StatementSync;

  /** @param recent the cache of the connection that writes: it would not notice another connection's writes */
  constructor(database: DatabaseSync, clock: Clock, recent: RecentRows) {
    this.#queries = new Statements(database, true);
    this.#clock = clock;
    this.#recent = recent;
    this.#byKey = database.prepare('SELECT version, body, expires_at, shape FROM rows WHERE pk = ? AND sk = ?');
    this.#byKey.setReturnArrays(true);
  }

  /** Epoch seconds, for leaving out expired rows. */
  get now(): number {
    return Math.floor(this.#clock.now() / 1000);
  }

  get<T extends Body>(key: Key, known?: Shaped): Row<T> | undefined {
    checkKey(key);
    return this.#find<T>(key, this.now, known);
  }

  getMany<T extends Body>(keys: readonly Key[], known?: Shaped): Row<T>[] {
    checkMany(keys);
    const now = this.now;
    // A row that is requested twice is returned once, as DynamoDB does.
    const asked = new Map(keys.map((key) => [nameOf(key), key]));
    return [...asked.values()].flatMap((key) => this.#find<T>(key, now, known) ?? []);
  }

  page<T extends Body>(query: Query): Page<T> {
    const { sql, parameters } = querySql(query, this.now);
    const limit = query.limit ?? Infinity;
    const rows: Row<T>[] = [];
    let last: RowColumns | undefined;
    let size = 0;
    for (const each of this.#queries.of(sql).iterate(...parameters)) {
      // More rows exist than fit: the page ends with the previous row.
      if (last !== undefined && (rows.length >= limit || size >= pageBytes))
        return {
          rows,
          next: encodeCursor({ row: { pk: last[0], sk: last[1] }, at: { pk: query.pk, sk: last[6] ?? last[1] } }),
        };
      last = each as unknown as RowColumns;
      const [pk, sk, version, body, expiresAt, shape] = last;
      if (shape !== null) checkShape({ pk, sk, shape }, query);
      const row = { pk, sk, version, body: JSON.parse(body) as T, ...(expiresAt === null ? {} : { expiresAt }) };
      rows.push(shape === null ? row : { ...row, shape });
      size += body.length + pk.length + sk.length;
    }
    return { rows };
  }

  #find<T extends Body>(key: Key, now: number, known?: Shaped): Row<T> | undefined {
    const found = this.#recent.get(key) ?? this.#fetch(key);
    if (found === undefined) return undefined;
    const { pk, sk } = key;
    const { version, expiresAt } = found;
    const body = found.body as T;
    if (expiresAt !== null && expiresAt <= now) return undefined;
    const row = expiresAt === null ? { pk, sk, version, body } : { pk, sk, version, body, expiresAt };
    if (found.shape === null) return row;
    const shaped = { ...row, shape: found.shape };
    checkShape(shaped, known);
    return shaped;
  }

  #fetch(key: Key): RecentRow | undefined {
    const record = this.#byKey.get(key.pk, key.sk) as unknown as
      readonly [version: number, body: string, expiresAt: number | null, shape: number | null] | undefined;
    if (record === undefined) return undefined;
    const [version, text, expiresAt, shape] = record;
    const row = { version, body: frozen(JSON.parse(text) as Body), expiresAt, shape };
    this.#recent.keep(key, row, text.length);
    return row;
  }
}

/** Freezes all levels: a cached row is given to many callers, and none may change it for the others. */
function frozen<T extends object>(value: T): T {
  for (const member of Object.values(value) as unknown[])
    if (typeof member === 'object' && member !== null) frozen(member);
  return Object.freeze(value);
}
