/**
 * The Files port on one machine, with all that the local S3 API needs. Contents are files; a SQLite index beside them
 * says which content belongs to which key.
 *
 * An object is stored in this order: its content is written to the disk (fdatasync, fsync of the folder), its row is
 * committed, and what it replaces is removed. A crash leaves the old object or the new one.
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Readable } from 'node:stream';
import type { Clock } from '../core/clock.ts';
import { FilePreconditionFailed, type ByteRange, type FilePage, type Files, type ListFiles } from '../core/files.ts';
import type { Ids } from '../core/ids.ts';
import type { Log } from '../core/log.ts';
import {
  SourceGone,
  type BucketStore,
  type DeleteObject,
  type Deleted,
  type JoinObject,
  type ListVersions,
  type ObjectInfo,
  type ObjectStore,
  type StoreObject,
  type VersionPage,
  type Versioning,
} from '../functions/files-door/object-store.ts';
import { BucketRows, type BucketRow } from './files/bucket-rows.ts';
import { Contents, type Piece } from './files/contents.ts';
import { DiskBuckets } from './files/disk-buckets.ts';
import { pageOf } from './files/listing.ts';
import { nullVersion, ObjectRows, type Details, type NewRow, type StoredRow } from './files/object-rows.ts';
import { schema } from './files/schema.ts';
import { makePrivate } from './sqlite-state.ts';
import { copyDatabase } from './sqlite/backup.ts';
import { GroupCommit } from './sqlite/group-commit.ts';

export interface DiskFilesOptions {
  readonly folder: string;
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'secret'>;
  readonly log: Log;
  /** Makes a presigned URL; set once the server listens. */
  readonly presign: Files['presign'];
}

export class DiskFiles implements ObjectStore {
  readonly presign: Files['presign'];
  readonly buckets: BucketStore;
  readonly #clock: Clock;
  readonly #ids: Pick<Ids, 'secret'>;
  readonly #database: DatabaseSync;
  readonly #buckets: BucketRows;
  readonly #rows: ObjectRows;
  readonly #contents: Contents;
  readonly #commit: GroupCommit;
  /** The removal of contents that a killed process left. */
  readonly #cleaning: Promise<void>;
  #closed = false;

  constructor({ folder, clock, ids, log, presign }: DiskFilesOptions) {
    this.presign = presign;
    this.#clock = clock;
    this.#ids = ids;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const index = path.join(folder, 'objects.db');
    makePrivate(index);
    this.#database = new DatabaseSync(index);
    this.#database.exec(schema);
    this.#buckets = new BucketRows(this.#database);
    this.#rows = new ObjectRows(this.#database);
    this.#contents = new Contents(path.join(folder, 'contents'));
    this.#commit = new GroupCommit(this.#database, { committed: () => undefined, undone: () => undefined });
    this.buckets = new DiskBuckets(this.#buckets, this.#rows, this.#commit);
    this.#cleaning = this.#contents
      .removeOrphans((content) => this.#closed || this.#rows.isNamed(content))
      .catch((error: unknown) => log.warn('contents that belong to no object could not be removed', { error }));
  }

  async put(bucket: string, key: string, body: Uint8Array | Readable, options: StoreObject = {}): Promise<ObjectInfo> {
    // Checked before a long body, and again after it arrived. A body that is not read must be destroyed: it may hold a
    // file open.
    await this.#commit
      .read(() => this.#check(bucket, key, options))
      .catch((error: unknown) => {
        if (body instanceof Readable) body.destroy();
        throw error;
      });
    const { content, size, md5 } = await this.#contents.write(body);
    const pieces = size === 0 ? [] : [{ content, size }];
    const { checksums, ...rest } = options;
    try {
      const info = await this.#store(
        bucket,
        key,
        { ...rest, checksums: checksums?.() ?? {}, etag: `"${md5}"` },
        () => ({ pieces, byAdmin: options.byAdmin }),
      );
      if (size === 0) await this.#contents.remove([content]);
      this.#contents.settled(content);
      return info;
    } catch (error) {
      await this.#contents.remove([content]);
      throw error;
    }
  }

  async join(
    bucket: string,
    key: string,
    sources: { readonly bucket: string; readonly keys: readonly string[] },
    options: JoinObject,
  ): Promise<ObjectInfo> {
    return this.#store(bucket, key, options, () => {
      const found = sources.keys.map((source) => this.#rows.find(sources.bucket, source));
      if (!found.every((row) => row !== undefined)) throw new SourceGone(`parts of ${bucket}/${key}`);
      const pieces = found.map((row) => this.#rows.pieces(row.id)).flat();
      const byAdmin = options.byAdmin === true && found.every((row) => row.byAdmin === true);
      return { pieces, byAdmin, alongside: () => found.forEach((row) => this.#rows.remove(row, sources.bucket)) };
    });
  }

  async get(
    bucket: string,
    key: string,
    range?: ByteRange,
    version?: string,
  ): Promise<{ readonly info: ObjectInfo; readonly body: Readable } | undefined> {
    return this.#commit.read(() => {
      const row = this.#object(bucket, key, version);
      return row === undefined
        ? undefined
        : { info: toInfo(row), body: this.#contents.read(this.#rows.pieces(row.id), range) };
    });
  }

  async head(bucket: string, key: string, version?: string): Promise<ObjectInfo | undefined> {
    return this.#commit.read(() => {
      const row = this.#object(bucket, key, version);
      return row === undefined ? undefined : toInfo(row);
    });
  }

  async list(bucket: string, options: ListFiles = {}): Promise<FilePage> {
    return this.#commit.read(() => {
      this.#buckets.get(bucket);
      const { files, ...page } = pageOf((start) => this.#rows.walk(bucket, options.prefix ?? '', start), options);
      return { ...page, files: files.map(toInfo) };
    });
  }

  async delete(bucket: string, key: string): Promise<void> {
    await this.deleteObject(bucket, key);
  }

  async deleteObject(bucket: string, key: string, { version, when }: DeleteObject = {}): Promise<Deleted> {
    let unused: Piece[] = [];
    let deleted: Deleted = { marker: false };
    await this.#commit.write(
      () => {
        const { versioning } = this.#buckets.get(bucket);
        const row = this.#rows.find(bucket, key, version);
        if (when !== undefined && !when(row === undefined || row.marker ? undefined : toInfo(row)))
          throw new FilePreconditionFailed(`the condition on ${bucket}/${key} does not hold`);
        return { versioning, row };
      },
      ({ versioning, row }) => {
        if (version !== undefined || versioning === null) {
          if (row !== undefined) unused = this.#rows.remove(row, bucket);
          deleted = {
            ...(version === undefined ? {} : { version }),
            marker: version !== undefined && row?.marker === true,
          };
          return;
        }
        const marker: NewRow = {
          bucket,
          key,
          version: this.#newVersion(versioning),
          marker: true,
          etag: '',
          lastModified: this.#clock.now(),
          details: {},
          pieces: [],
        };
        unused = this.#replace(marker);
        deleted = { version: marker.version, marker: true };
      },
    );
    await this.#contents.remove(unused.map(({ content }) => content));
    return deleted;
  }

  async partSizes(bucket: string, key: string, version?: string): Promise<readonly number[]> {
    return this.#commit.read(() => {
      const row = this.#object(bucket, key, version);
      return row === undefined ? [] : this.#rows.pieces(row.id).map(({ size }) => size);
    });
  }

  async setTags(
    bucket: string,
    key: string,
    tags: Readonly<Record<string, string>>,
    version?: string,
  ): Promise<boolean> {
    const row = await this.#commit.write(
      () => this.#object(bucket, key, version),
      (found) => {
        if (found !== undefined) this.#rows.setDetails(found.id, { ...this.#rows.details(found.id), tags });
      },
    );
    return row !== undefined;
  }

  async listVersions(bucket: string, { prefix = '', after, limit }: ListVersions): Promise<VersionPage> {
    return this.#commit.read(() => {
      this.#buckets.get(bucket);
      const marker = after?.version === undefined ? undefined : this.#rows.find(bucket, after.key, after.version);
      const rows = this.#rows.versions(
        bucket,
        prefix,
        after === undefined ? undefined : { key: after.key, ...(marker === undefined ? {} : { id: marker.id }) },
        limit + 1,
      );
      return {
        versions: rows.slice(0, limit).map((row) => ({ ...toInfo(row), latest: row.latest, marker: row.marker })),
        more: rows.length > limit,
      };
    });
  }

  async bucketExists(bucket: string): Promise<boolean> {
    return this.#commit.read(() => this.#buckets.exists(bucket));
  }

  async createBucket(bucket: string): Promise<void> {
    await this.#commit.write(
      () => this.#clock.now(),
      (now) => this.#buckets.insert(bucket, now),
    );
  }

  /** Copies the index as it is at one moment. @throws StateUnavailable */
  async backup(file: string): Promise<void> {
    await copyDatabase(this.#database.location()!, file);
  }

  /**
   * Keeps contents that no row names any more until it is released, because a copy of the index may name them. @returns
   * a function that releases them
   */
  holdContents(): () => void {
    return this.#contents.hold();
  }

  /** The files that a copy of the index names. @param index made by {@link backup} */
  *contentsOf(index: string): Generator<string> {
    const database = new DatabaseSync(index, { readOnly: true });
    try {
      for (const { content } of database.prepare('SELECT DISTINCT content FROM pieces').iterate())
        yield this.#contents.file(content as string);
    } finally {
      database.close();
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#commit.close();
    await this.#cleaning;
    this.#contents.close();
    this.#database.close();
  }

  /** @param gather the pieces of the object, and what else changes with it */
  async #store(
    bucket: string,
    key: string,
    options: JoinObject,
    gather: () => {
      readonly pieces: readonly Piece[];
      readonly byAdmin: boolean | undefined;
      readonly alongside?: () => void;
    },
  ): Promise<ObjectInfo> {
    let unused: Piece[] = [];
    const { contentType, headers, metadata, tags, checksums, etag } = options;
    const { row } = await this.#commit.write(
      () => {
        const { versioning } = this.#check(bucket, key, options);
        const { pieces, byAdmin, alongside } = gather();
        const details: Details = JSON.parse(
          JSON.stringify({ contentType, headers, metadata, tags, checksums, byAdmin }),
        ) as Details;
        const row: NewRow = {
          bucket,
          key,
          version: this.#newVersion(versioning),
          marker: false,
          etag,
          lastModified: this.#clock.now(),
          details,
          pieces,
        };
        return { row, alongside };
      },
      ({ row, alongside }) => {
        alongside?.();
        unused = this.#replace(row);
      },
    );
    // A reader that has the file open can still read it.
    await this.#contents.remove(unused.map(({ content }) => content));
    const { version, lastModified, pieces, details } = row;
    return { key, version, lastModified, etag, size: pieces.reduce((sum, piece) => sum + piece.size, 0), ...details };
  }

  /** @returns the pieces that nothing names any more: the null version is replaced, any other is kept */
  #replace(row: NewRow): Piece[] {
    const old = row.version === nullVersion ? this.#rows.find(row.bucket, row.key, nullVersion) : undefined;
    const unused = old === undefined ? [] : this.#rows.remove(old, row.bucket);
    this.#rows.insert(row);
    return unused;
  }

  #newVersion(versioning: Versioning | null): string {
    return versioning === 'Enabled' ? this.#ids.secret(24) : nullVersion;
  }

  #object(bucket: string, key: string, version: string | undefined): StoredRow | undefined {
    this.#buckets.get(bucket);
    const row = this.#rows.find(bucket, key, version);
    return row?.marker === true ? undefined : row;
  }

  #check(
    bucket: string,
    key: string,
    { ifNoneMatch, ifMatch }: Pick<StoreObject, 'ifNoneMatch' | 'ifMatch'>,
  ): BucketRow {
    const row = this.#buckets.get(bucket);
    if (ifNoneMatch === undefined && ifMatch === undefined) return row;
    const etag = this.#object(bucket, key, undefined)?.etag;
    if ((ifNoneMatch !== undefined && etag !== undefined) || (ifMatch !== undefined && etag !== ifMatch))
      throw new FilePreconditionFailed(`the condition on ${bucket}/${key} does not hold`);
    return row;
  }
}

function toInfo({ id: _id, latest: _latest, marker: _marker, ...info }: StoredRow): ObjectInfo {
  return info;
}
