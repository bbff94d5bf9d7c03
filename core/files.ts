/** The Files port: objects in buckets. S3 on AWS; locally a folder behind the S3 door. */
import type { Readable } from 'node:stream';

/** What is known of a stored object. */
export interface FileInfo {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** With its quotes, as HTTP has it. */
  readonly etag: string;
  /** Epoch milliseconds. */
  readonly lastModified: number;
  readonly contentType?: string;
  /** User metadata: lower-case names without `x-amz-meta-`. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Checksums that whoever stored it vouched for: base64, by S3's name (`CRC32`). */
  readonly checksums?: Readonly<Record<string, string>>;
}

export interface PutFileOptions {
  readonly contentType?: string | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** Asked for when the body has been read: what it was found to be. */
  readonly checksums?: () => Readonly<Record<string, string>>;
  /** `*`: only when there is no such object. */
  readonly ifNoneMatch?: '*' | undefined;
  /** Only when the object's ETag is this. */
  readonly ifMatch?: string | undefined;
}

export interface ListFiles {
  readonly prefix?: string | undefined;
  readonly delimiter?: string | undefined;
  /** Keys after this one. */
  readonly startAfter?: string | undefined;
  /** 1–1,000; default 1,000. */
  readonly limit?: number;
}

export interface FilePage {
  readonly files: readonly FileInfo[];
  /** With a delimiter: the groups below the prefix. */
  readonly prefixes: readonly string[];
  /** The `startAfter` of the next page, present when there is one. */
  readonly next?: string;
}

export interface Files {
  /**
   * Stores an object; durable when it resolves.
   * @throws FilePreconditionFailed, NoSuchBucket
   */
  put(bucket: string, key: string, body: Uint8Array | Readable, options?: PutFileOptions): Promise<FileInfo>;

  /**
   * An object, or bytes `start` to `end` (both inclusive) of it. The stream must be read or destroyed.
   * @throws NoSuchBucket
   */
  get(bucket: string, key: string, range?: { readonly start: number; readonly end: number }): Promise<{ readonly info: FileInfo; readonly body: Readable } | undefined>;

  head(bucket: string, key: string): Promise<FileInfo | undefined>;
  list(bucket: string, options?: ListFiles): Promise<FilePage>;

  /** Removes an object; one that is absent is no error. */
  delete(bucket: string, key: string): Promise<void>;

  bucketExists(bucket: string): Promise<boolean>;

  /** Names in order. */
  listBuckets(): Promise<readonly string[]>;

  /** Removes a bucket. @throws BucketNotEmpty, NoSuchBucket */
  deleteBucket(bucket: string): Promise<void>;

  /** Makes a bucket; one that exists already is no error. */
  createBucket(bucket: string): Promise<void>;

  /**
   * A URL that allows one method on one object without further credentials.
   * @param expiresIn seconds, 1–604,800
   */
  presign(method: 'GET' | 'PUT', bucket: string, key: string, expiresIn: number): Promise<string>;
}

export class NoSuchBucket extends Error {
  override readonly name = 'NoSuchBucket';
}

export class BucketNotEmpty extends Error {
  override readonly name = 'BucketNotEmpty';
}

export class FilePreconditionFailed extends Error {
  override readonly name = 'FilePreconditionFailed';
}
