/** The Files port: objects in buckets. On AWS it is S3; locally it is a folder, which Flotilla's own S3 API serves. */
import type { Readable } from 'node:stream';

/** What is known of a stored object. Lists give only key, size, ETag and time; `head` and `get` give everything. */
export interface FileInfo {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** With its quotes, as in the HTTP header. */
  readonly etag: string;
  /** Epoch milliseconds. */
  readonly lastModified: number;
  readonly contentType?: string;
  /** Further headers that are stored with the object and sent with it, of {@link keptHeaders}. */
  readonly headers?: Readonly<Record<string, string>>;
  /** User metadata: lower-case names without `x-amz-meta-`. */
  readonly metadata?: Readonly<Record<string, string>>;
  /**
   * Checksums that were given with the upload: base64, by S3's name (`CRC32`); a checksum of parts ends with `-<number
   * of parts>`.
   */
  readonly checksums?: Readonly<Record<string, string>>;
  /** Whether all of its content came from admins (core/admin-work.ts). Absent: no, or nobody can say (Amazon S3). */
  readonly byAdmin?: boolean;
}

/** Headers that are stored with an object, besides its content type. */
export const keptHeaders = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'expires',
] as const;

export interface PutFileOptions {
  readonly contentType?: string | undefined;
  /** Of {@link keptHeaders}. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** `*`: store only when there is no such object. */
  readonly ifNoneMatch?: '*' | undefined;
  /** Store only when the object's current ETag is this one. */
  readonly ifMatch?: string | undefined;
  /** Whether all of its content comes from admins. Amazon S3 does not keep it. */
  readonly byAdmin?: boolean | undefined;
}

export interface ListFiles {
  readonly prefix?: string | undefined;
  readonly delimiter?: string | undefined;
  /** Keys after this one. When it is a group of the delimiter: keys after the whole group. */
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

/** Bytes `start` to `end`, both inclusive. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export interface Files {
  /**
   * Stores an object; it is durable when this resolves. When the body fails, the object stays as it was.
   * @throws FilePreconditionFailed, NoSuchBucket, or the body's own error
   */
  put(bucket: string, key: string, body: Uint8Array | Readable, options?: PutFileOptions): Promise<FileInfo>;

  /**
   * Reads an object, or a range of it. The caller must read or destroy the stream.
   * @throws NoSuchBucket, FileAccessDenied
   */
  get(
    bucket: string,
    key: string,
    range?: ByteRange,
  ): Promise<{ readonly info: FileInfo; readonly body: Readable } | undefined>;

  head(bucket: string, key: string): Promise<FileInfo | undefined>;
  list(bucket: string, options?: ListFiles): Promise<FilePage>;

  /** Deletes an object. An absent one is no error. */
  delete(bucket: string, key: string): Promise<void>;

  bucketExists(bucket: string): Promise<boolean>;

  /** Makes a bucket. An existing one is no error. */
  createBucket(bucket: string): Promise<void>;

  /**
   * A URL that allows one method on one object without other credentials.
   * @param expiresIn seconds, 1–604,800
   * @example
   * await context.files.presign('GET', context.serviceBucket, 'reports/patches.csv', 3600)
   */
  presign(method: 'GET' | 'PUT', bucket: string, key: string, expiresIn: number): Promise<string>;
}

export class NoSuchBucket extends Error {
  override readonly name = 'NoSuchBucket';
}

/** Flotilla itself may not read or write there. */
export class FileAccessDenied extends Error {
  override readonly name = 'FileAccessDenied';
}

export class FilePreconditionFailed extends Error {
  override readonly name = 'FilePreconditionFailed';
}
