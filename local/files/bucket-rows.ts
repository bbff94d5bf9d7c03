/** Buckets and their settings: rows of the index of files. */
import type { DatabaseSync } from 'node:sqlite';
import { NoSuchBucket } from '../../core/files.ts';
import type { BucketInfo, Versioning } from '../../functions/files-door/object-store.ts';
import { Statements } from '../sqlite/statements.ts';

export interface BucketRow {
  readonly name: string;
  readonly created_at: number;
  readonly versioning: Versioning | null;
  readonly lifecycle: string | null;
}

export class BucketRows {
  readonly #sql: Statements;

  constructor(database: DatabaseSync) {
    this.#sql = new Statements(database);
  }

  /** @throws NoSuchBucket */
  get(bucket: string): BucketRow {
    const row = this.#sql.of('SELECT * FROM buckets WHERE name = ?').get(bucket);
    if (row === undefined) throw new NoSuchBucket(bucket);
    return row as unknown as BucketRow;
  }

  exists(bucket: string): boolean {
    return this.#sql.of('SELECT 1 FROM buckets WHERE name = ?').get(bucket) !== undefined;
  }

  all(): readonly BucketInfo[] {
    const rows = this.#sql.of('SELECT * FROM buckets ORDER BY name').all() as unknown as BucketRow[];
    return rows.map(({ name, created_at: createdAt }) => ({ name, createdAt }));
  }

  /** An existing bucket stays as it is. */
  insert(bucket: string, now: number): void {
    this.#sql.of('INSERT OR IGNORE INTO buckets (name, created_at) VALUES (?, ?)').run(bucket, now);
  }

  remove(bucket: string): void {
    this.#sql.of('DELETE FROM buckets WHERE name = ?').run(bucket);
  }

  setVersioning(bucket: string, versioning: Versioning): void {
    this.#sql.of('UPDATE buckets SET versioning = ? WHERE name = ?').run(versioning, bucket);
  }

  setLifecycle(bucket: string, rules: string | undefined): void {
    this.#sql.of('UPDATE buckets SET lifecycle = ? WHERE name = ?').run(rules ?? null, bucket);
  }
}
