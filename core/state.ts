/**
 * The State port: what every room keeps its rows in. DynamoDB on AWS, SQLite on one machine.
 *
 * It is narrow on purpose (docs/decisions/0003): a row is a partition key, a sort key, a JSON object, a
 * version, an index key and an expiry. What DynamoDB cannot do cheaply is not offered here.
 */
import type { OutgoingEvent } from './events.ts';

/** A JSON value as it is kept in a row. `undefined` members are dropped, as JSON drops them. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [member: string]: Json | undefined };

/** What a row may hold. An interface of JSON-like members is assignable to it. */
export type Body = object;

/** The primary key of a row. `pk` 1–2,048 bytes, `sk` 1–1,024 bytes (DynamoDB's limits, UTF-8). */
export interface Key {
  readonly pk: string;
  readonly sk: string;
}

/** A row as it is read. */
export interface Row<T extends Body = Body> extends Key {
  /** 1 when the row is made; one higher with each update. See {@link Put} for what a put does to it. */
  readonly version: number;
  /** Not the reader's to change: a store may give the same one to many, and freezes it then. Copy what you change. */
  readonly body: T;
  /** Epoch seconds after which the row is gone. Adapters never return an expired row. */
  readonly expiresAt?: number;
  /** The version of the body's shape where it is not 1: see {@link Shaped}. */
  readonly shape?: number;
}

/**
 * The version of a body's shape: which members it has, and what they mean. During a deploy old and new code run side by
 * side, so each call says the newest shape that its caller knows, and a row of a newer one is left alone: a read of it
 * and a write on it throw RowTooNew. Who adds a member that old code may ignore and drop needs no new shape.
 */
export interface Shaped {
  /** From 1, which it is unless given. */
  readonly shape?: number | undefined;
}

/**
 * The index. It holds keys only, so that a write costs it nothing while the row's index key stays; and it may lag
 * behind the rows: see {@link State.query}.
 */
export type IndexName = 'index1';
export type IndexKeys = { readonly [index in IndexName]?: Key };

/** All given parts must hold. They look only at top-level attributes of the body. */
export interface Condition {
  readonly row?: 'absent' | 'present';
  /** The row exists and has this version. */
  readonly version?: number;
  /** Each named attribute exists and equals the value. */
  readonly equals?: Readonly<Record<string, string | number | boolean>>;
  /** Each named attribute equals one of the values. */
  readonly oneOf?: Readonly<Record<string, readonly (string | number | boolean)[]>>;
  /** None of the named attributes exists (true of an absent row). */
  readonly missing?: readonly string[];
}

/** Its `shape` is what the row has afterwards. The store refuses to write on a row of a newer one. */
interface WriteOptions extends Shaped {
  readonly when?: Condition;
  /** Published after the write, at least once; visible exactly when the write is (design §3). */
  readonly events?: readonly OutgoingEvent[];
}

/**
 * Replaces the whole row. Its version becomes `when.version + 1`, or 1 where no version is required: an
 * unconditional put is for rows whose version nobody tests.
 */
export interface Put<T extends Body = Body> extends WriteOptions {
  readonly put: Key;
  readonly body: T;
  readonly indexes?: IndexKeys;
  /** Epoch seconds. */
  readonly expiresAt?: number;
}

/**
 * Changes top-level attributes of a row, and adds one to its version. A row that is absent is made, unless
 * `when` forbids it.
 */
export interface Update extends WriteOptions {
  readonly update: Key;
  /** A member that is `undefined` goes: JSON drops it. */
  readonly set?: object;
  readonly remove?: readonly string[];
  /** Adds whole numbers to number attributes; an absent one counts as 0. Not one that is set or removed too. */
  readonly add?: Readonly<Record<string, number>>;
  /** The index key to replace; `null` takes the row out of the index. Not named, it stays. */
  readonly indexes?: { readonly [index in IndexName]?: Key | null };
  /** Epoch seconds; `null` removes the expiry. */
  readonly expiresAt?: number | null;
}

export interface Delete extends WriteOptions {
  readonly delete: Key;
}

/** Writes nothing; the transaction fails unless the condition holds. Only inside {@link State.transact}. */
export interface Check {
  readonly check: Key;
  readonly when: Condition;
}

export type Write = Put | Update | Delete;

export interface Query extends Shaped {
  readonly pk: string;
  /** Leaves out rows of a newer shape than the caller knows, instead of throwing RowTooNew. */
  readonly newer?: 'skip';
  /** Ask an index instead of the table: `pk`, `from`, `to` and `prefix` then speak of the index key. */
  readonly index?: IndexName;
  /** Sort keys from here on, inclusive. */
  readonly from?: string;
  /** Sort keys up to here, inclusive. */
  readonly to?: string;
  /** Sort keys that begin so. Not together with `from` or `to`. */
  readonly prefix?: string;
  /** Newest (highest sort key) first. */
  readonly reverse?: boolean;
  /** At most this many rows. A page also ends at 1 MB. */
  readonly limit?: number;
  /**
   * The `next` of the page before. Opaque; of this query, or one with the same bounds: any other refuses it with
   * StateLimitExceeded.
   */
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

  /** Rows that exist, in no particular order. Up to 100 keys. @throws RowTooNew */
  getMany<T extends Body>(keys: readonly Key[], known?: Shaped): Promise<readonly Row<T>[]>;

  /**
   * Rows of one partition in key order, each as it is now. An index may lag by seconds: a row that has just come may
   * be missing, one that has just left may still be there; a row that is gone is left out.
   * @throws RowTooNew, unless such rows are skipped
   */
  query<T extends Body>(query: Query): Promise<Page<T>>;

  /**
   * One write. Resolves once it is durable, with the row as it then is (`undefined` for a delete).
   * @throws ConditionFailed when `when` does not hold; RowTooNew; WriteOutcomeUnknown
   */
  write<T extends Body>(write: Write): Promise<Row<T> | undefined>;

  /**
   * All or nothing; durable when it resolves. Up to 100 writes, no row named twice, 4 MB. One write alone costs what
   * {@link write} costs; two and more cost twice as much.
   * @throws ConditionFailed with the place of the first write that did not hold; RowTooNew; WriteOutcomeUnknown
   */
  transact(writes: readonly (Write | Check)[]): Promise<void>;

  /**
   * Many unconditional puts and deletes without events, not atomic: each row is written or, when this
   * rejects, may not be. For bulk work that is repeated until it succeeds. It looks at no shape of what it replaces.
   */
  batch(
    writes: readonly (Pick<Put, 'put' | 'body' | 'indexes' | 'expiresAt' | 'shape'> | { readonly delete: Key })[],
  ): Promise<void>;
}

/** A write's condition did not hold; nothing was written. */
export class ConditionFailed extends Error {
  override readonly name: string = 'ConditionFailed';
  readonly key: Key;
  /** The place of the failing write in its transaction, from 0. */
  readonly place: number;

  constructor(key: Key, place = 0) {
    super(`the condition on ${key.pk} / ${key.sk} did not hold`);
    this.key = key;
    this.place = place;
  }
}

/** The store refuses the write as it is: too large, too many, a key it cannot hold. A fault of ours. */
export class StateLimitExceeded extends Error {
  override readonly name = 'StateLimitExceeded';
}

/** The store cannot take writes now (disk full, throttled after retries). Nothing was written. */
export class StateUnavailable extends Error {
  override readonly name: string = 'StateUnavailable';
}

/**
 * A row was written by newer code, in a shape that the caller does not know. Nothing was written. Whoever tries again
 * reaches the newer code sooner or later.
 */
export class RowTooNew extends StateUnavailable {
  override readonly name = 'RowTooNew';

  constructor({ pk, sk }: Key, shape: number) {
    super(`the row ${pk} / ${sk} is of shape ${shape}, which newer code wrote`);
  }
}

/** For who looks at no body: at keys, or whether a row is there. */
export const anyShape: Required<Shaped> = { shape: Infinity };

/** Refuses a row of a newer shape than the caller knows. @throws RowTooNew */
export function checkShape(row: Key & Shaped, { shape: known = 1 }: Shaped = {}): void {
  if (isTooNew(row, { shape: known })) throw new RowTooNew(row, row.shape ?? 1);
}

export function isTooNew({ shape = 1 }: Shaped, { shape: known = 1 }: Shaped = {}): boolean {
  return shape > known;
}

/**
 * A write was sent and its answer lost, and the store could not be asked what became of it. It may be there or not:
 * whoever repeats the work must be able to bear it twice.
 */
export class WriteOutcomeUnknown extends Error {
  override readonly name = 'WriteOutcomeUnknown';
}

/** Reads every page of a query. Only for partitions known to be small: a node's mailbox, a document's versions. */
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
