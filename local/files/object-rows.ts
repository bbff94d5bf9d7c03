/** The rows of objects, their versions and their pieces. Every method is one synchronous step of a transaction. */
import type { DatabaseSync } from 'node:sqlite';
import type { ObjectInfo, VersionInfo } from '../../functions/files-door/object-store.ts';
import { successor } from '../sqlite/query.ts';
import { Statements } from '../sqlite/statements.ts';
import type { Piece } from './contents.ts';
import { later, type Start } from './listing.ts';

interface ObjectRow {
  readonly id: number;
  readonly key: string;
  readonly version: string;
  readonly latest: number;
  readonly marker: number;
  readonly size: number;
  readonly etag: string;
  readonly last_modified: number;
  /** JSON: {@link Details}. */
  readonly details: string;
}

/** What is stored about an object but never searched for. */
export type Details = Pick<ObjectInfo, 'contentType' | 'headers' | 'metadata' | 'checksums' | 'tags' | 'byAdmin'>;

export interface NewRow {
  readonly bucket: string;
  readonly key: string;
  readonly version: string;
  readonly marker: boolean;
  readonly etag: string;
  readonly lastModified: number;
  readonly details: Details;
  readonly pieces: readonly Piece[];
}

export interface StoredRow extends VersionInfo {
  readonly id: number;
}

/** The version id of objects in a bucket without versioning. */
export const nullVersion = 'null';

export class ObjectRows {
  readonly #sql: Statements;

  constructor(database: DatabaseSync) {
    this.#sql = new Statements(database);
  }

  /** The latest version of a key, which may be a delete marker; with `version`, that version. */
  find(bucket: string, key: string, version?: string): StoredRow | undefined {
    const row =
      version === undefined
        ? this.#sql.of('SELECT * FROM objects WHERE bucket = ? AND key = ? AND latest = 1').get(bucket, key)
        : this.#sql.of('SELECT * FROM objects WHERE bucket = ? AND key = ? AND version = ?').get(bucket, key, version);
    return row === undefined ? undefined : toStored(row as unknown as ObjectRow);
  }

  pieces(id: number): Piece[] {
    return this.#sql
      .of('SELECT content, size FROM pieces WHERE object = ? ORDER BY place')
      .all(id) as unknown as Piece[];
  }

  isNamed(content: string): boolean {
    return this.#sql.of('SELECT 1 FROM pieces WHERE content = ? LIMIT 1').get(content) !== undefined;
  }

  /** The new row becomes the latest version of its key. */
  insert({ bucket, key, version, marker, etag, lastModified, details, pieces }: NewRow): void {
    this.#sql.of('UPDATE objects SET latest = 0 WHERE bucket = ? AND key = ? AND latest = 1').run(bucket, key);
    const size = pieces.reduce((sum, piece) => sum + piece.size, 0);
    const { lastInsertRowid } = this.#sql
      .of(
        'INSERT INTO objects (bucket, key, version, latest, marker, size, etag, last_modified, details) VALUES (?, ?, ?, 1, ?, ?, ?, ?, ?)',
      )
      .run(bucket, key, version, marker ? 1 : 0, size, etag, lastModified, JSON.stringify(details));
    // An empty piece is left out: no range can include it.
    for (const [index, piece] of pieces.entries())
      this.#sql
        .of('INSERT INTO pieces (object, place, content, size) VALUES (?, ?, ?, ?)')
        .run(lastInsertRowid, index, piece.content, piece.size);
  }

  /** @returns the row's pieces, whose contents nothing names any more */
  remove({ id, latest, key }: StoredRow, bucket: string): Piece[] {
    const pieces = this.pieces(id);
    this.#sql.of('DELETE FROM pieces WHERE object = ?').run(id);
    this.#sql.of('DELETE FROM objects WHERE id = ?').run(id);
    // The newest remaining version becomes the latest.
    if (latest)
      this.#sql
        .of('UPDATE objects SET latest = 1 WHERE id = (SELECT max(id) FROM objects WHERE bucket = ? AND key = ?)')
        .run(bucket, key);
    return pieces;
  }

  setDetails(id: number, details: Details): void {
    this.#sql.of('UPDATE objects SET details = ? WHERE id = ?').run(JSON.stringify(details), id);
  }

  details(id: number): Details {
    return JSON.parse(
      (this.#sql.of('SELECT details FROM objects WHERE id = ?').get(id) as { details: string }).details,
    ) as Details;
  }

  /** The objects of a bucket with a prefix, ordered by key; each is read when it is requested. */
  *walk(bucket: string, prefix: string, start: Start): Generator<StoredRow> {
    const end = successor(prefix);
    const sql = `SELECT * FROM objects WHERE bucket = ? AND latest = 1 AND marker = 0 AND key ${start.inclusive ? '>=' : '>'} ?${below(end)} ORDER BY key`;
    for (const row of this.#sql.of(sql).iterate(bucket, start.key, ...(end === undefined ? [] : [end])))
      yield toStored(row as unknown as ObjectRow);
  }

  /** Ordered by key, and for each key the newest version first. */
  versions(
    bucket: string,
    prefix: string,
    after: { readonly key: string; readonly id?: number } | undefined,
    limit: number,
  ): StoredRow[] {
    const end = successor(prefix);
    const { key } = later({ key: prefix, inclusive: true }, after?.key ?? '');
    const sql = `SELECT * FROM objects WHERE bucket = ? AND key >= ?${below(end)} AND (key <> ? OR id < ?) ORDER BY key, id DESC LIMIT ?`;
    const rows = this.#sql
      .of(sql)
      .all(bucket, key, ...(end === undefined ? [] : [end]), after?.key ?? '', after?.id ?? 0, limit);
    return (rows as unknown as ObjectRow[]).map(toStored);
  }

  /** Whether a bucket has no objects, old versions or markers. */
  isEmpty(bucket: string): boolean {
    return this.#sql.of('SELECT 1 FROM objects WHERE bucket = ? LIMIT 1').get(bucket) === undefined;
  }
}

/** The bound is in the SQL text. With a parameter that may be empty, the search would not end where the prefix does. */
function below(end: string | undefined): string {
  return end === undefined ? '' : ' AND key < ?';
}

function toStored(row: ObjectRow): StoredRow {
  const details = JSON.parse(row.details) as Details;
  return {
    id: row.id,
    key: row.key,
    version: row.version,
    latest: row.latest === 1,
    marker: row.marker === 1,
    size: row.size,
    etag: row.etag,
    lastModified: row.last_modified,
    ...details,
  };
}
