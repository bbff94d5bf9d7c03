/**
 * The State port: where every room stores its rows. On AWS it is DynamoDB; on one machine it is SQLite.
 *
 * The port is narrow on purpose (docs/decisions/0003): a row is a partition key, a sort key, a JSON object, a version,
 * an index key and an expiry. What DynamoDB cannot do cheaply is not offered.
 */
import type { OutgoingEvent } from './events.ts';

/** A JSON value in a row. Members that are `undefined` are left out, as in JSON. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [member: string]: Json | undefined };

/** What a row may hold. Any interface with JSON-like members fits. */
export type Body = object;

/** The primary key of a row. `pk` 1–2,048 bytes, `sk` 1–1,024 bytes (DynamoDB's limits, UTF-8). */
export interface Key {
  readonly pk: string;
  readonly sk: string;
}

/** A row as it is read. */
export interface Row<T extends Body = Body> extends Key {
  /** 1 for a new row; each update adds 1. {@link Put} says what a put does to it. */
  readonly version: number;
  /** Read only: a store may return the same frozen object to many callers. Copy it before you change it. */
  readonly body: T;
  /** Epoch seconds after which the row no longer exists. Adapters never return an expired row. */
  readonly expiresAt?: number;
  /** The version of the body's shape, where it is not 1: see {@link Shaped}. */
  readonly shape?: number;
}

/**
 * The version of a body's shape: which members it has, and what they mean. During a deploy old and new code run side by
 * side. So each call names the newest shape that its caller knows, and a row of a newer shape is not touched: reads and
 * writes of it throw RowTooNew. A new member that old code may ignore and drop needs no new shape.
 */
export interface Shaped {
  /** Default 1. */
  readonly shape?: number | undefined;
}

/**
 * The index. It holds keys only, so a write that leaves the row's index key as it is costs nothing more. The index may
 * lag behind the rows: see {@link State.query}.
 */
export type IndexName = 'index1';
export type IndexKeys = { readonly [index in IndexName]?: Key };

/** A condition: all given parts must be true. They look only at top-level attributes of the body. */
export interface Condition {
  readonly row?: 'absent' | 'present';
  /** The row exists and has this version. */
  readonly version?: number;
  /** Each named attribute exists and equals the value. */
  readonly equals?: Readonly<Record<string, string | number | boolean>>;
  /** Each named attribute equals one of the values. */
  readonly oneOf?: Readonly<Record<string, readonly (string | number | boolean)[]>>;
  /** None of the named attributes exists. This is true where there is no row. */
  readonly missing?: readonly string[];
}

/** `shape` is the row's shape after the write. The store refuses to write on a row of a newer shape. */
interface WriteOptions extends Shaped {
  readonly when?: Condition;
  /** Published after the write, at least once; an event becomes visible exactly when the write does (design §3). */
  readonly events?: readonly OutgoingEvent[];
}

/**
 * Replaces the whole row. Its version becomes `when.version + 1`, or 1 where `when` names no version: use an
 * unconditional put only for rows whose version nobody tests.
 */
export interface Put<T extends Body = Body> extends WriteOptions {
  readonly put: Key;
  readonly body: T;
  readonly indexes?: IndexKeys;
  /** Epoch seconds. */
  readonly expiresAt?: number;
}

/**
 * Changes top-level attributes of a row, and adds 1 to its version. An absent row is made, unless `when` forbids it.
 */
export interface Update extends WriteOptions {
  readonly update: Key;
  /** A member that is `undefined` is removed. */
  readonly set?: object;
  readonly remove?: readonly string[];
  /**
   * Adds whole numbers to number attributes; an absent one counts as 0. An attribute may not also be set or removed.
   */
  readonly add?: Readonly<Record<string, number>>;
  /** The index key to replace; `null` removes the row from the index. When absent, the index key stays. */
  readonly indexes?: { readonly [index in IndexName]?: Key | null };
  /** Epoch seconds; `null` removes the expiry. */
  readonly expiresAt?: number | null;
}

export interface Delete extends WriteOptions {
  readonly delete: Key;
}

/** Writes nothing; the transaction fails unless the condition is true. Only inside {@link State.transact}. */
export interface Check {
  readonly check: Key;
  readonly when: Condition;
}

export type Write = Put | Update | Delete;

export interface Query extends Shaped {
  readonly pk: string;
  /** Leaves out rows of a newer shape than the caller knows, instead of throwing RowTooNew. */
  readonly newer?: 'skip';
  /** Asks an index instead of the table: `pk`, `from`, `to` and `prefix` then apply to the index key. */
  readonly index?: IndexName;
  /** Sort keys from this one on, inclusive. */
  readonly from?: string;
  /** Sort keys up to this one, inclusive. */
  readonly to?: string;
  /** Sort keys with this prefix. Not together with `from` or `to`. */
  readonly prefix?: string;
  /** Newest (highest sort key) first. */
  readonly reverse?: boolean;
  /** The most rows of a page. A page also ends at 1 MB. */
  readonly limit?: number;
  /** The `next` of the page before, opaque. A query with other bounds refuses it with StateLimitExceeded. */
  readonly after?: string | undefined;
}

export interface Page<T extends Body = Body> {
  readonly rows: readonly Row<T>[];
  /** Present when there may be more. */
  readonly next?: string;
}

export interface State {
  /** @throws RowTooNew */
  get<T extends Body>(key: Key, known?: Shaped): Promise<Row<T> | undefined>;

  /** The rows that exist, in no particular order. Up to 100 keys. @throws RowTooNew */
  getMany<T extends Body>(keys: readonly Key[], known?: Shaped): Promise<readonly Row<T>[]>;

  /**
   * Rows of one partition in key order, each in its current state. An index may lag by seconds: a row that was just
   * added may be missing, and one that no longer belongs there may still be listed. Deleted rows are left out.
   * @throws RowTooNew, unless such rows are skipped
   * @example
   * const { rows, next } = await context.state.query<VersionBody>({ pk: versionsPartition(id), prefix: 'VERSION#',
   * limit: 50 });
   */
  query<T extends Body>(query: Query): Promise<Page<T>>;

  /**
   * Makes one write. When it resolves, the write is durable; it returns the new row (`undefined` for a delete).
   * @throws ConditionFailed when `when` is not true; RowTooNew; WriteOutcomeUnknown
   * @example
   * await context.state.write({ update: key, when: { version: row.version }, set: { status: 'Success' } });
   */
  write<T extends Body>(write: Write): Promise<Row<T> | undefined>;

  /**
   * Makes all writes or none; they are durable when it resolves. Up to 100 writes, no row named twice, 4 MB. A single
   * write costs as much as {@link write}; two or more cost twice as much.
   * @throws ConditionFailed with the position of the first write whose condition failed; RowTooNew; WriteOutcomeUnknown
   */
  transact(writes: readonly (Write | Check)[]): Promise<void>;

  /**
   * Many unconditional puts and deletes without events. It is not atomic: when it rejects, some rows are written and
   * others are not. For bulk work that is repeated until it succeeds. It replaces rows of any shape.
   */
  batch(
    writes: readonly (Pick<Put, 'put' | 'body' | 'indexes' | 'expiresAt' | 'shape'> | { readonly delete: Key })[],
  ): Promise<void>;
}

/** The condition of a write was not true; nothing was written. */
export class ConditionFailed extends Error {
  override readonly name: string = 'ConditionFailed';
  readonly key: Key;
  /** The position of the failing write in its transaction, from 0. */
  readonly position: number;

  constructor(key: Key, index = 0) {
    super(`the condition on ${key.pk} / ${key.sk} did not hold`);
    this.key = key;
    this.position = index;
  }
}

/** The store cannot hold this write: too large, too many rows, a bad key. This is a fault in our code. */
export class StateLimitExceeded extends Error {
  override readonly name = 'StateLimitExceeded';
}

/** The store cannot write now (disk full, throttled after retries). Nothing was written. */
export class StateUnavailable extends Error {
  override readonly name: string = 'StateUnavailable';
}

/**
 * Newer code wrote the row, in a shape that the caller does not know. Nothing was written. A retry reaches the newer
 * code sooner or later.
 */
export class RowTooNew extends StateUnavailable {
  override readonly name = 'RowTooNew';

  constructor({ pk, sk }: Key, shape: number) {
    super(`the row ${pk} / ${sk} is of shape ${shape}, which newer code wrote`);
  }
}

/** For callers that do not read the body: they need keys, or whether the row exists. */
export const anyShape: Required<Shaped> = { shape: Infinity };

/** Refuses a row of a newer shape than the caller knows. @throws RowTooNew */
export function checkShape(row: Key & Shaped, { shape: known = 1 }: Shaped = {}): void {
  if (isTooNew(row, { shape: known })) throw new RowTooNew(row, row.shape ?? 1);
}

export function isTooNew({ shape = 1 }: Shaped, { shape: known = 1 }: Shaped = {}): boolean {
  return shape > known;
}

/**
 * A write was sent, its answer was lost, and the store could not be asked for the outcome. The row may be written or
 * not. The caller may repeat the work only where doing it twice is harmless.
 */
export class WriteOutcomeUnknown extends Error {
  override readonly name = 'WriteOutcomeUnknown';
}

/**
 * Reads all pages of a query. Only for partitions that are known to be small: a node's mailbox, a document's versions.
 * @example const rows = await queryAll<MessageBody>(context.state, { pk: mailboxPartition(nodeId) });
 */
export async function queryAll<T extends Body>(state: State, query: Omit<Query, 'after'>): Promise<Row<T>[]> {
  const rows: Row<T>[] = [];
  let after: string | undefined;
  do {
    const page = await state.query<T>({ ...query, after });
    rows.push(...page.rows);
    after = page.next;
  } while (after !== undefined);
  return rows;
}
