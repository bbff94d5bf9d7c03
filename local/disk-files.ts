/**
 * The Files port on one machine. Contents are files named by a random id; what belongs to which key is a row
 * of a SQLite index beside them, so that any key is possible and lists come in S3's order, byte by byte.
 *
 * An object is stored in this order: its content is written and on the disk (fdatasync, rename, fsync of the
 * folder), then its row is committed, then what it replaces is removed. A crash leaves the old object or the
 * new one; a content without a row is removed at the next start.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Readable } from 'node:stream';
import type { Clock } from '../core/clock.ts';
import { BucketNotEmpty, FilePreconditionFailed, NoSuchBucket, type FileInfo, type FilePage, type Files, type ListFiles, type PutFileOptions } from '../core/files.ts';
import { successor } from './sqlite/query.ts';

interface FileRow {
  readonly bucket: string;
  readonly key: string;
  readonly content: string;
  readonly size: number;
  readonly etag: string;
  readonly last_modified: number;
  /** JSON: content type, user metadata. */
  readonly details: string;
}

export interface DiskFilesOptions {
  readonly folder: string;
  readonly clock: Clock;
  /** Signs a URL: known once the server listens. */
  readonly presign: Files['presign'];
}

const schema = `
  PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
  CREATE TABLE IF NOT EXISTS buckets (name TEXT PRIMARY KEY) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS files (
    bucket TEXT NOT NULL, key TEXT NOT NULL, content TEXT NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL,
    last_modified INTEGER NOT NULL, details TEXT NOT NULL, PRIMARY KEY (bucket, key)
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS files_by_content ON files (content);
`;

const mostListed = 1000;

export class DiskFiles implements Files {
  readonly presign: Files['presign'];
  readonly #contents: string;
  readonly #clock: Clock;
  readonly #index: DatabaseSync;

  constructor({ folder, clock, presign }: DiskFilesOptions) {
    this.presign = presign;
    this.#clock = clock;
    this.#contents = path.join(folder, 'contents');
    mkdirSync(this.#contents, { recursive: true, mode: 0o700 });
    this.#index = new DatabaseSync(path.join(folder, 'index.db'));
    this.#index.exec(schema);
    this.#removeOrphans();
  }

  async put(bucket: string, key: string, body: Uint8Array | Readable, options: PutFileOptions = {}): Promise<FileInfo> {
    this.#check(bucket, key, options);
    const content = randomUUID();
    const { size, etag } = await this.#store(content, body);
    const details = JSON.stringify({ contentType: options.contentType, metadata: options.metadata, checksums: options.checksums?.() });
    const old = this.#row(bucket, key);
    try {
      // Again, now that the body is here: somebody may have been quicker.
      this.#check(bucket, key, options);
      this.#index
        .prepare('INSERT OR REPLACE INTO files (bucket, key, content, size, etag, last_modified, details) VALUES (?, ?, ?, ?, ?, ?, ?)')
        .run(bucket, key, content, size, etag, this.#clock.now(), details);
    } catch (error) {
      await rm(this.#file(content), { force: true });
      throw error;
    }
    // A reader that has it open reads on.
    if (old !== undefined) await rm(this.#file(old.content), { force: true });
    return toInfo(this.#row(bucket, key)!);
  }

  async get(bucket: string, key: string, range?: { readonly start: number; readonly end: number }): Promise<{ readonly info: FileInfo; readonly body: Readable } | undefined> {
    this.#checkBucket(bucket);
    const row = this.#row(bucket, key);
    if (row === undefined) return undefined;
    return { info: toInfo(row), body: row.size === 0 ? Readable.from([]) : createReadStream(this.#file(row.content), range ?? {}) };
  }

  async head(bucket: string, key: string): Promise<FileInfo | undefined> {
    this.#checkBucket(bucket);
    const row = this.#row(bucket, key);
    return row === undefined ? undefined : toInfo(row);
  }

  async list(bucket: string, { prefix = '', delimiter = '', startAfter = '', limit = mostListed }: ListFiles = {}): Promise<FilePage> {
    this.#checkBucket(bucket);
    const files: FileInfo[] = [];
    const prefixes: string[] = [];
    const most = Math.min(limit, mostListed);
    let after = startAfter;
    let last = startAfter;
    const next = this.#index.prepare("SELECT * FROM files WHERE bucket = ? AND key > ? AND key >= ? AND (? = '' OR key < ?) ORDER BY key LIMIT 1");
    const end = successor(prefix) ?? '';
    for (;;) {
      const row = next.get(bucket, after, prefix, end, end) as FileRow | undefined;
      if (row === undefined) return { files, prefixes };
      if (files.length + prefixes.length >= most) return { files, prefixes, next: last };
      const group = delimiter === '' ? -1 : row.key.indexOf(delimiter, prefix.length);
      if (group < 0) {
        files.push(toInfo(row));
        after = last = row.key;
        continue;
      }
      const common = row.key.slice(0, group + delimiter.length);
      // The group that the last page ended with was told of there.
      if (common !== startAfter) prefixes.push(common);
      last = common;
      // Past everything in the group: no key is that long.
      after = `${common}${'\u{10ffff}'.repeat(256)}`;
    }
  }

  async delete(bucket: string, key: string): Promise<void> {
    this.#checkBucket(bucket);
    const row = this.#row(bucket, key);
    if (row === undefined) return;
    this.#index.prepare('DELETE FROM files WHERE bucket = ? AND key = ?').run(bucket, key);
    await rm(this.#file(row.content), { force: true });
  }

  async bucketExists(bucket: string): Promise<boolean> {
    return this.#index.prepare('SELECT 1 FROM buckets WHERE name = ?').get(bucket) !== undefined;
  }

  async createBucket(bucket: string): Promise<void> {
    this.#index.prepare('INSERT OR IGNORE INTO buckets (name) VALUES (?)').run(bucket);
  }

  async listBuckets(): Promise<readonly string[]> {
    return (this.#index.prepare('SELECT name FROM buckets ORDER BY name').all() as { name: string }[]).map(({ name }) => name);
  }

  async deleteBucket(bucket: string): Promise<void> {
    this.#checkBucket(bucket);
    if (this.#index.prepare('SELECT 1 FROM files WHERE bucket = ? LIMIT 1').get(bucket) !== undefined) throw new BucketNotEmpty(bucket);
    this.#index.prepare('DELETE FROM buckets WHERE name = ?').run(bucket);
  }

  close(): void {
    this.#index.close();
  }

  #row(bucket: string, key: string): FileRow | undefined {
    return this.#index.prepare('SELECT * FROM files WHERE bucket = ? AND key = ?').get(bucket, key) as FileRow | undefined;
  }

  #check(bucket: string, key: string, { ifNoneMatch, ifMatch }: PutFileOptions): void {
    this.#checkBucket(bucket);
    if (ifNoneMatch === undefined && ifMatch === undefined) return;
    const etag = this.#row(bucket, key)?.etag;
    if ((ifNoneMatch !== undefined && etag !== undefined) || (ifMatch !== undefined && etag !== ifMatch)) throw new FilePreconditionFailed(`the condition on ${bucket}/${key} does not hold`);
  }

  #checkBucket(bucket: string): void {
    if (this.#index.prepare('SELECT 1 FROM buckets WHERE name = ?').get(bucket) === undefined) throw new NoSuchBucket(bucket);
  }

  /** Streams a body to the disk: a temporary file, fdatasync, rename, fsync of the folder. */
  async #store(content: string, body: Uint8Array | Readable): Promise<{ size: number; etag: string }> {
    const file = this.#file(content);
    const temporary = `${file}.tmp`;
    const md5 = createHash('md5');
    let size = 0;
    const handle = await open(temporary, 'w', 0o600);
    try {
      for await (const chunk of body instanceof Readable ? (body as AsyncIterable<Buffer>) : [body]) {
        md5.update(chunk);
        size += chunk.length;
        await handle.write(chunk);
      }
      await handle.datasync();
    } catch (error) {
      await handle.close();
      await rm(temporary, { force: true });
      throw error;
    }
    await handle.close();
    await rename(temporary, file);
    const folder = await open(this.#contents, 'r');
    await folder.sync();
    await folder.close();
    return { size, etag: `"${md5.digest('hex')}"` };
  }

  #file(content: string): string {
    return path.join(this.#contents, content);
  }

  #removeOrphans(): void {
    const known = this.#index.prepare('SELECT 1 FROM files WHERE content = ?');
    for (const name of readdirSync(this.#contents)) if (known.get(name) === undefined) rmSync(path.join(this.#contents, name), { force: true });
  }
}

function toInfo(row: FileRow): FileInfo {
  const details = JSON.parse(row.details) as Pick<FileInfo, 'contentType' | 'metadata' | 'checksums'>;
  return { key: row.key, size: row.size, etag: row.etag, lastModified: row.last_modified, ...details };
}
