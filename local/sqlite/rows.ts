/** Rows and index entries of the state file: reading and writing them, without conditions. */
import type { DatabaseSync } from 'node:sqlite';
import type { Body, IndexKeys, Key, Row } from '../../core/state.ts';
import { Statements } from './statements.ts';

/** The stored columns of a row besides its body, whether it has expired or not. */
export interface StoredColumns {
  readonly rowid: number;
  readonly shape: number | null;
  readonly expires_at: number | null;
  readonly index1_pk: string | null;
  readonly index1_sk: string | null;
}

interface RowRecord extends StoredColumns {
  readonly version: number;
  readonly body: string;
}

/** A row with its index key, as stored. */
export interface StoredRow<T extends Body = Body> extends Row<T> {
  readonly indexes: IndexKeys;
}

/** What is stored at a key. */
export interface Found {
  /** Undefined where nothing is stored. */
  readonly place?: StoredColumns | undefined;
  /** Undefined where nothing is stored, or where it has expired. */
  readonly row?: StoredRow | undefined;
}

/** A row to be written. */
export interface RowText extends Key {
  readonly version: number;
  /** Undefined where it is 1. */
  readonly shape?: number | undefined;
  readonly expiresAt?: number | undefined;
  readonly indexes: IndexKeys;
  readonly bodyText: string;
}

export class Rows {
  readonly #statements: Statements;
  /** Index changes that tests hold back, oldest first. */
  #held: (() => void)[] | undefined;

  constructor(database: DatabaseSync) {
    this.#statements = new Statements(database);
  }

  /** @param now epoch seconds: an expired row is left out */
  find({ pk, sk }: Key, now: number): Found {
    const place = this.#statements
      .of('SELECT rowid, version, body, shape, expires_at, index1_pk, index1_sk FROM rows WHERE pk = ? AND sk = ?')
      .get(pk, sk) as RowRecord | undefined;
    if (place === undefined || isExpired(place, now)) return { place };
    const { version, body, shape, expires_at: expiresAt } = place;
    return {
      place,
      row: {
        pk,
        sk,
        version,
        body: JSON.parse(body) as Body,
        ...(shape === null ? {} : { shape }),
        ...(expiresAt === null ? {} : { expiresAt }),
        indexes: indexesOf(place),
      },
    };
  }

  /** As {@link find}, without the body. */
  place({ pk, sk }: Key): StoredColumns | undefined {
    return this.#statements
      .of('SELECT rowid, shape, expires_at, index1_pk, index1_sk FROM rows WHERE pk = ? AND sk = ?')
      .get(pk, sk) as StoredColumns | undefined;
  }

  /**
   * Writes a row. An existing row is updated in place, and unchanged columns are not written. Inserting it anew would
   * move it to the end of the table and change the index twice.
   * @param old the columns as last written
   */
  put({ pk, sk, version, expiresAt, indexes: { index1 }, bodyText, ...row }: RowText, old?: StoredColumns): void {
    const shape = row.shape ?? null;
    const expiry = expiresAt ?? null;
    const indexPk = index1?.pk ?? null;
    const indexSk = index1?.sk ?? null;
    const sameKeys = old !== undefined && old.index1_pk === indexPk && old.index1_sk === indexSk;
    if (sameKeys && old.expires_at === expiry && old.shape === shape) {
      this.#statements.of('UPDATE rows SET version = ?, body = ? WHERE rowid = ?').run(version, bodyText, old.rowid);
      return;
    }
    const columns = [version, bodyText, shape, expiry, indexPk, indexSk];
    if (old === undefined)
      this.#statements
        .of(
          'INSERT INTO rows (version, body, shape, expires_at, index1_pk, index1_sk, pk, sk) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
        )
        .run(...columns, pk, sk);
    else
      this.#statements
        .of(
          'UPDATE rows SET version = ?, body = ?, shape = ?, expires_at = ?, index1_pk = ?, index1_sk = ? WHERE rowid = ?',
        )
        .run(...columns, old.rowid);
    this.#changeIndex({ pk, sk }, old && indexesOf(old).index1, index1);
  }

  /** @param old as for {@link put} */
  delete(key: Key, old: StoredColumns | undefined): void {
    if (old === undefined) return;
    this.#statements.of('DELETE FROM rows WHERE rowid = ?').run(old.rowid);
    this.#changeIndex(key, indexesOf(old).index1, undefined);
  }

  /** Keys of expired rows. @param now epoch seconds */
  expired(now: number, limit: number): Key[] {
    return this.#statements
      .of('SELECT pk, sk FROM rows WHERE expires_at <= ? LIMIT ?')
      .all(now, limit)
      .map(({ pk, sk }) => ({ pk, sk }) as Key);
  }

  /**
   * Holds index entries back, as DynamoDB may do for seconds. For tests: code must not depend on an index that is up to
   * date.
   */
  holdIndexes(): void {
    this.#held ??= [];
  }

  releaseIndexes(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const change of held) change();
  }

  #changeIndex({ pk, sk }: Key, from: Key | undefined, to: Key | undefined): void {
    if (from?.pk === to?.pk && from?.sk === to?.sk) return;
    if (from)
      this.#index(() =>
        this.#statements
          .of('DELETE FROM index_rows WHERE index_pk = ? AND index_sk = ? AND pk = ? AND sk = ?')
          .run(from.pk, from.sk, pk, sk),
      );
    if (to)
      this.#index(() =>
        this.#statements
          .of('INSERT OR REPLACE INTO index_rows (index_pk, index_sk, pk, sk) VALUES (?, ?, ?, ?)')
          .run(to.pk, to.sk, pk, sk),
      );
  }

  #index(change: () => void): void {
    if (this.#held === undefined) change();
    else this.#held.push(change);
  }
}

/** @param now epoch seconds */
export function isExpired({ expires_at: expiry }: Pick<StoredColumns, 'expires_at'>, now: number): boolean {
  return expiry !== null && expiry <= now;
}

function indexesOf({ index1_pk: pk, index1_sk: sk }: StoredColumns): IndexKeys {
  return pk === null || sk === null ? {} : { index1: { pk, sk } };
}
