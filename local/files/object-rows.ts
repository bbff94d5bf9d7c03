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

/** What is known of an object and never looked for. */
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

/** The version of what is stored while its bucket keeps none. */
export const nullVersion = 'null';

export class ObjectRows {
  readonly #sql: Statements;

  constructor(database: DatabaseSync) {
    this.#sql = new Statements(database);
  }

  /** The latest of a key, a marker included; with a version that one. */
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

  /** Becomes the latest of its key. */
  insert({ bucket, key, version, marker, etag, lastModified, details, pieces }: NewRow): void {
    this.#sql.of('UPDATE objects SET latest = 0 WHERE bucket = ? AND key = ? AND latest = 1').run(bucket, key);
    const size = pieces.reduce((sum, piece) => sum + piece.size, 0);
    const { lastInsertRowid } = this.#sql
      .of(
        'INSERT INTO objects (bucket, key, version, latest, marker, size, etag, last_modified, details) VALUES (?, ?, ?, 1, ?, ?, ?, ?, ?)',
      )
      .run(bucket, key, version, marker ? 1 : 0, size, etag, lastModified, JSON.stringify(details));
    // A piece of no bytes has no place in a range.
    for (const [place, piece] of pieces.entries())
      this.#sql
        .of('INSERT INTO pieces (object, place, content, size) VALUES (?, ?, ?, ?)')
        .run(lastInsertRowid, place, piece.content, piece.size);
  }

  /** @returns its pieces, whose contents nothing names any more */
  remove({ id, latest, key }: StoredRow, bucket: string): Piece[] {
    const pieces = this.pieces(id);
    this.#sql.of('DELETE FROM pieces WHERE object = ?').run(id);
    this.#sql.of('DELETE FROM objects WHERE id = ?').run(id);
    // The newest of those before it counts again.
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

  /** The objects of a bucket with a prefix, in the order of their keys; each is read when it is asked for. */
  *walk(bucket: string, prefix: string, start: Start): Generator<StoredRow> {
    const end = successor(prefix);
    const sql = `SELECT * FROM objects WHERE bucket = ? AND latest = 1 AND marker = 0 AND key ${start.inclusive ? '>=' : '>'} ?${below(end)} ORDER BY key`;
    for (const row of this.#sql.of(sql).iterate(bucket, start.key, ...(end === undefined ? [] : [end])))
      yield toStored(row as unknown as ObjectRow);
  }

  /** By key, of each key the newest first. */
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

  /** Whether anything is in a bucket, old versions and markers too. */
  isEmpty(bucket: string): boolean {
    return this.#sql.of('SELECT 1 FROM objects WHERE bucket = ? LIMIT 1').get(bucket) === undefined;
  }
}

/** A bound in the text, not a parameter that may be empty: only so the search ends where the prefix does. */
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
