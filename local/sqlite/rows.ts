/** Rows and index entries of the state file: reading and writing them, without conditions. */
import type { DatabaseSync } from 'node:sqlite';
import type { Body, IndexKeys, IndexName, Key, Row } from '../../core/state.ts';
import { Statements } from './statements.ts';

interface IndexColumns {
  readonly index1_pk: string | null;
  readonly index1_sk: string | null;
  readonly index2_pk: string | null;
  readonly index2_sk: string | null;
}

interface RowRecord extends IndexColumns {
  readonly pk: string;
  readonly sk: string;
  readonly version: number;
  readonly body: string;
  readonly expires_at: number | null;
}

interface PlaceRecord extends IndexColumns {
  readonly rowid: number;
  readonly expires_at: number | null;
}

/** A row with its index keys, as it is kept. */
export interface StoredRow<T extends Body = Body> extends Row<T> {
  readonly indexes: IndexKeys;
}

/** A row as it is written. */
export interface RowText extends Key {
  readonly version: number;
  readonly expiresAt?: number | undefined;
  readonly indexes: IndexKeys;
  readonly bodyText: string;
}

const indexNumbers: Readonly<Record<IndexName, number>> = { index1: 1, index2: 2 };

export class Rows {
  readonly #statements: Statements;
  /** Index changes held back (tests), oldest first. */
  #held: (() => void)[] | undefined;

  constructor(database: DatabaseSync) {
    this.#statements = new Statements(database);
  }

  /** @param now epoch seconds: an expired row is not there */
  get<T extends Body>(key: Key, now: number): StoredRow<T> | undefined {
    const record = this.#statements.of('SELECT * FROM rows WHERE pk = ? AND sk = ?').get(key.pk, key.sk) as
      RowRecord | undefined;
    if (record === undefined || (record.expires_at !== null && record.expires_at <= now)) return undefined;
    return { ...toRow<T>(record), indexes: indexesOf(record) };
  }

  /**
   * A row that is there is changed in place, and what stays as it was is not written: put anew it would go to the end
   * of the table, and every index would be changed in two places.
   */
  put({ pk, sk, version, expiresAt, indexes: { index1, index2 }, bodyText }: RowText): void {
    const old = this.#place({ pk, sk });
    const expiry = expiresAt ?? null;
    const keys = [index1?.pk ?? null, index1?.sk ?? null, index2?.pk ?? null, index2?.sk ?? null];
    if (old !== undefined && old.expires_at === expiry && indexColumns(old).every((key, at) => key === keys[at])) {
      this.#statements.of('UPDATE rows SET version = ?, body = ? WHERE rowid = ?').run(version, bodyText, old.rowid);
      return;
    }
    if (old === undefined)
      this.#statements
        .of(
          'INSERT INTO rows (pk, sk, version, body, expires_at, index1_pk, index1_sk, index2_pk, index2_sk) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
        )
        .run(pk, sk, version, bodyText, expiry, ...keys);
    else
      this.#statements
        .of(
          'UPDATE rows SET version = ?, body = ?, expires_at = ?, index1_pk = ?, index1_sk = ?, index2_pk = ?, index2_sk = ? WHERE rowid = ?',
        )
        .run(version, bodyText, expiry, ...keys, old.rowid);
    this.#changeIndexes({ pk, sk }, old === undefined ? {} : indexesOf(old), { index1, index2 });
  }

  delete(key: Key): void {
    const old = this.#place(key);
    if (old === undefined) return;
    this.#statements.of('DELETE FROM rows WHERE rowid = ?').run(old.rowid);
    this.#changeIndexes(key, indexesOf(old), {});
  }

  /** Keys of rows that have expired. @param now epoch seconds */
  expired(now: number, limit: number): Key[] {
    return this.#statements
      .of('SELECT pk, sk FROM rows WHERE expires_at <= ? LIMIT ?')
      .all(now, limit)
      .map(({ pk, sk }) => ({ pk, sk }) as Key);
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

  /** Where a row lies, expired or not, and what the indexes have of it. */
  #place({ pk, sk }: Key): PlaceRecord | undefined {
    return this.#statements
      .of('SELECT rowid, expires_at, index1_pk, index1_sk, index2_pk, index2_sk FROM rows WHERE pk = ? AND sk = ?')
      .get(pk, sk) as PlaceRecord | undefined;
  }

  #changeIndexes({ pk, sk }: Key, old: IndexKeys, now: IndexKeys): void {
    for (const [name, number] of Object.entries(indexNumbers) as [IndexName, number][]) {
      const from = old[name];
      const to = now[name];
      if (from?.pk === to?.pk && from?.sk === to?.sk) continue;
      if (from)
        this.#index(() =>
          this.#statements
            .of('DELETE FROM index_rows WHERE number = ? AND index_pk = ? AND index_sk = ? AND pk = ? AND sk = ?')
            .run(number, from.pk, from.sk, pk, sk),
        );
      if (to)
        this.#index(() =>
          this.#statements
            .of('INSERT OR REPLACE INTO index_rows (number, index_pk, index_sk, pk, sk) VALUES (?, ?, ?, ?, ?)')
            .run(number, to.pk, to.sk, pk, sk),
        );
    }
  }

  #index(change: () => void): void {
    if (this.#held === undefined) change();
    else this.#held.push(change);
  }
}

export function toRow<T extends Body>({
  pk,
  sk,
  version,
  body,
  expires_at,
}: Pick<RowRecord, 'pk' | 'sk' | 'version' | 'body' | 'expires_at'>): Row<T> {
  return { pk, sk, version, body: JSON.parse(body) as T, ...(expires_at === null ? {} : { expiresAt: expires_at }) };
}

function indexColumns({ index1_pk, index1_sk, index2_pk, index2_sk }: IndexColumns): (string | null)[] {
  return [index1_pk, index1_sk, index2_pk, index2_sk];
}

function indexesOf({ index1_pk, index1_sk, index2_pk, index2_sk }: IndexColumns): IndexKeys {
  return {
    ...(index1_pk === null || index1_sk === null ? {} : { index1: { pk: index1_pk, sk: index1_sk } }),
    ...(index2_pk === null || index2_sk === null ? {} : { index2: { pk: index2_pk, sk: index2_sk } }),
  };
}
