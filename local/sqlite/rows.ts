/** Rows and index entries of the state file: reading and writing them, without conditions. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Body, IndexKeys, IndexName, Key, Row } from '../../core/state.ts';

interface RowRecord {
  readonly pk: string;
  readonly sk: string;
  readonly version: number;
  readonly body: string;
  readonly expires_at: number | null;
  readonly index1_pk: string | null;
  readonly index1_sk: string | null;
  readonly index2_pk: string | null;
  readonly index2_sk: string | null;
}

/** A row with its index keys, as it is kept. */
export interface StoredRow<T extends Body = Body> extends Row<T> {
  readonly indexes: IndexKeys;
  /** Length of the body's text, for page sizes. */
  readonly size: number;
}

const indexNumbers: Readonly<Record<IndexName, number>> = { index1: 1, index2: 2 };

export class Rows {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  /** Index changes held back (tests), oldest first. */
  #held: (() => void)[] | undefined;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** A prepared statement, kept for the next time. */
  statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) this.#statements.set(sql, (statement = this.#database.prepare(sql)));
    return statement;
  }

  /** @param now epoch seconds: an expired row is not there */
  get<T extends Body>(key: Key, now: number): StoredRow<T> | undefined {
    const record = this.statement('SELECT * FROM rows WHERE pk = ? AND sk = ?').get(key.pk, key.sk) as RowRecord | undefined;
    if (record === undefined || (record.expires_at !== null && record.expires_at <= now)) return undefined;
    return toRow<T>(record);
  }

  put(row: Key & { readonly version: number; readonly expiresAt?: number | undefined; readonly indexes: IndexKeys }, bodyText: string): void {
    const { index1, index2 } = row.indexes;
    this.#removeIndexEntries(row);
    this.statement('INSERT OR REPLACE INTO rows (pk, sk, version, body, expires_at, index1_pk, index1_sk, index2_pk, index2_sk) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)').run(
      row.pk,
      row.sk,
      row.version,
      bodyText,
      row.expiresAt ?? null,
      index1?.pk ?? null,
      index1?.sk ?? null,
      index2?.pk ?? null,
      index2?.sk ?? null,
    );
    for (const [name, key] of Object.entries(row.indexes) as [IndexName, Key | undefined][])
      if (key !== undefined)
        this.#index(() => this.statement('INSERT OR REPLACE INTO index_rows (number, index_pk, index_sk, pk, sk) VALUES (?, ?, ?, ?, ?)').run(indexNumbers[name], key.pk, key.sk, row.pk, row.sk));
  }

  delete(key: Key): void {
    this.#removeIndexEntries(key);
    this.statement('DELETE FROM rows WHERE pk = ? AND sk = ?').run(key.pk, key.sk);
  }

  /** Holds index entries back, as DynamoDB may for seconds: for tests of code that must not lean on them. */
  holdIndexes(): void {
    this.#held ??= [];
  }

  releaseIndexes(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const change of held) change();
  }

  /** Whatever the row was in, expired rows included. */
  #removeIndexEntries(key: Key): void {
    const old = this.statement('SELECT index1_pk, index1_sk, index2_pk, index2_sk FROM rows WHERE pk = ? AND sk = ?').get(key.pk, key.sk) as RowRecord | undefined;
    if (old === undefined) return;
    const remove = (number: number, pk: string | null, sk: string | null): void => {
      if (pk !== null && sk !== null)
        this.#index(() => this.statement('DELETE FROM index_rows WHERE number = ? AND index_pk = ? AND index_sk = ? AND pk = ? AND sk = ?').run(number, pk, sk, key.pk, key.sk));
    };
    remove(1, old.index1_pk, old.index1_sk);
    remove(2, old.index2_pk, old.index2_sk);
  }

  #index(change: () => void): void {
    if (this.#held === undefined) change();
    else this.#held.push(change);
  }
}

export function toRow<T extends Body>(record: RowRecord): StoredRow<T> {
  return {
    pk: record.pk,
    sk: record.sk,
    version: record.version,
    body: JSON.parse(record.body) as T,
    ...(record.expires_at === null ? {} : { expiresAt: record.expires_at }),
    indexes: {
      ...(record.index1_pk === null || record.index1_sk === null ? {} : { index1: { pk: record.index1_pk, sk: record.index1_sk } }),
      ...(record.index2_pk === null || record.index2_sk === null ? {} : { index2: { pk: record.index2_pk, sk: record.index2_sk } }),
    },
    size: record.body.length,
  };
}
