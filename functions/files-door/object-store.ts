/** What the S3 API needs from its store beyond the Files port; other rooms do not use it. */
import type { Readable } from 'node:stream';
import type { ByteRange, FileInfo, Files, PutFileOptions } from '../../core/files.ts';

/** An object, or one version of it. */
export interface ObjectInfo extends FileInfo {
  /** `null`: stored in a bucket without versioning. */
  readonly version: string;
  readonly tags?: Readonly<Record<string, string>>;
}

/** An entry of a list of versions. */
export interface VersionInfo extends ObjectInfo {
  readonly latest: boolean;
  /** A delete marker. */
  readonly marker: boolean;
}

export interface StoreObject extends PutFileOptions {
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** Called after the body was read: the checksums found. */
  readonly checksums?: () => Readonly<Record<string, string>>;
}

export interface JoinObject extends Omit<StoreObject, 'checksums'> {
  readonly checksums: Readonly<Record<string, string>>;
  readonly etag: string;
}

export interface BucketInfo {
  readonly name: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
}

export type Versioning = 'Enabled' | 'Suspended';

export interface ListVersions {
  readonly prefix?: string | undefined;
  /** Entries after this version of this key, or after the key. */
  readonly after?: { readonly key: string; readonly version?: string | undefined } | undefined;
  readonly limit: number;
}

export interface VersionPage {
  readonly versions: readonly VersionInfo[];
  readonly more: boolean;
}

export interface DeleteObject {
  readonly version?: string | undefined;
  /** Deletes only when this returns true for the current object. It is called within the change that deletes. */
  readonly when?: ((info: ObjectInfo | undefined) => boolean) | undefined;
}

export interface Deleted {
  /** The version removed, or the delete marker set; absent where the bucket never had versioning. */
  readonly version?: string;
  readonly marker: boolean;
}

/** Methods with `version` use the latest version when it is absent. All throw NoSuchBucket. */
export interface ObjectStore extends Files {
  put(bucket: string, key: string, body: Uint8Array | Readable, options?: StoreObject): Promise<ObjectInfo>;
  get(
    bucket: string,
    key: string,
    range?: ByteRange,
    version?: string,
  ): Promise<{ readonly info: ObjectInfo; readonly body: Readable } | undefined>;
  head(bucket: string, key: string, version?: string): Promise<ObjectInfo | undefined>;

  /**
   * `delete`, with its outcome. With a version it removes that version for good; without one it sets a delete marker
   * where the bucket has versioning.
   * @throws FilePreconditionFailed
   */
  deleteObject(bucket: string, key: string, options?: DeleteObject): Promise<Deleted>;

  /**
   * Makes one object of others without copying; the others are removed. It counts as an admin's only if all of them do.
   * @throws FilePreconditionFailed, SourceGone
   */
  join(
    bucket: string,
    key: string,
    sources: { readonly bucket: string; readonly keys: readonly string[] },
    options: JoinObject,
  ): Promise<ObjectInfo>;

  /**
   * The bytes of each part from which an object was joined, without empty ones; one number for an object that was not
   * joined.
   */
  partSizes(bucket: string, key: string, version?: string): Promise<readonly number[]>;

  /** @returns false when there is no such object */
  setTags(bucket: string, key: string, tags: Readonly<Record<string, string>>, version?: string): Promise<boolean>;

  /** Ordered by key, and for each key the newest version first. */
  listVersions(bucket: string, options: ListVersions): Promise<VersionPage>;

  readonly buckets: BucketStore;
}

/** Buckets and their settings. All but `list` throw NoSuchBucket. */
export interface BucketStore {
  /** Ordered by name. */
  list(): Promise<readonly BucketInfo[]>;

  /** @throws BucketNotEmpty */
  delete(bucket: string): Promise<void>;

  versioning(bucket: string): Promise<Versioning | undefined>;
  setVersioning(bucket: string, versioning: Versioning): Promise<void>;

  /** The lifecycle rules, as given to {@link setLifecycle}. */
  lifecycle(bucket: string): Promise<string | undefined>;
  setLifecycle(bucket: string, rules: string | undefined): Promise<void>;
}

export class BucketNotEmpty extends Error {
  override readonly name = 'BucketNotEmpty';
}

/** A source of a join no longer exists. */
export class SourceGone extends Error {
  override readonly name = 'SourceGone';
}
