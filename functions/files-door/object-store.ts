/** What the door needs of its store beyond the Files port: S3's, which rooms do not use. */
import type { Readable } from 'node:stream';
import type { ByteRange, FileInfo, Files, PutFileOptions } from '../../core/files.ts';

/** An object, or one version of it. */
export interface ObjectInfo extends FileInfo {
  /** `null`: stored while its bucket kept no versions. */
  readonly version: string;
  readonly tags?: Readonly<Record<string, string>>;
}

/** An entry of a list of versions. */
export interface VersionInfo extends ObjectInfo {
  readonly latest: boolean;
  /** It says that the object is deleted. */
  readonly marker: boolean;
}

export interface StoreObject extends PutFileOptions {
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** Asked for when the body has been read: what it was found to be. */
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
  /** Only when it says so of what is there: asked in the very change that removes it. */
  readonly when?: ((info: ObjectInfo | undefined) => boolean) | undefined;
}

export interface Deleted {
  /** What was removed, or the marker that was set; absent where the bucket never kept versions. */
  readonly version?: string;
  readonly marker: boolean;
}

/** Methods that take a `version` mean the latest without it. All throw NoSuchBucket. */
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
   * `delete`, and what it did. With a version removes that, for good; without sets a marker where the bucket keeps
   * versions.
   * @throws FilePreconditionFailed
   */
  deleteObject(bucket: string, key: string, options?: DeleteObject): Promise<Deleted>;

  /**
   * Makes one object of others, which are gone then: nothing is copied. It is an admin's only if all of them are.
   * @throws FilePreconditionFailed, SourceGone
   */
  join(
    bucket: string,
    key: string,
    sources: { readonly bucket: string; readonly keys: readonly string[] },
    options: JoinObject,
  ): Promise<ObjectInfo>;

  /** Bytes of each part that an object was joined of, empty ones left out; one for an object that was not. */
  partSizes(bucket: string, key: string, version?: string): Promise<readonly number[]>;

  /** @returns false when there is no such object */
  setTags(bucket: string, key: string, tags: Readonly<Record<string, string>>, version?: string): Promise<boolean>;

  /** By key, of each key the newest first. */
  listVersions(bucket: string, options: ListVersions): Promise<VersionPage>;

  readonly buckets: BucketStore;
}

/** Buckets, and what is set of them. All but `list` throw NoSuchBucket. */
export interface BucketStore {
  /** In the order of their names. */
  list(): Promise<readonly BucketInfo[]>;

  /** @throws BucketNotEmpty */
  delete(bucket: string): Promise<void>;

  versioning(bucket: string): Promise<Versioning | undefined>;
  setVersioning(bucket: string, versioning: Versioning): Promise<void>;

  /** The lifecycle rules as {@link setLifecycle} was given them. */
  lifecycle(bucket: string): Promise<string | undefined>;
  setLifecycle(bucket: string, rules: string | undefined): Promise<void>;
}

export class BucketNotEmpty extends Error {
  override readonly name = 'BucketNotEmpty';
}

/** What was to be joined is not there any more. */
export class SourceGone extends Error {
  override readonly name = 'SourceGone';
}
