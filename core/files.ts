/** The Files port: objects in buckets. S3 on AWS; locally a folder behind the S3 door. */
import type { Readable } from 'node:stream';

/** What is known of a stored object. A list tells key, size, ETag and time; the rest is for `head` and `get`. */
export interface FileInfo {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** With its quotes, as HTTP has it. */
  readonly etag: string;
  /** Epoch milliseconds. */
  readonly lastModified: number;
  readonly contentType?: string;
  /** Further headers that it is served with, of {@link keptHeaders}. */
  readonly headers?: Readonly<Record<string, string>>;
  /** User metadata: lower-case names without `x-amz-meta-`. */
  readonly metadata?: Readonly<Record<string, string>>;
  /**
   * Checksums that whoever stored it vouched for: base64, by S3's name (`CRC32`); of parts with `-<how many>` at the
   * end.
   */
  readonly checksums?: Readonly<Record<string, string>>;
  /** Whether all of its content came from admins (core/admin-work.ts). Absent: no, or nobody can say (Amazon S3). */
  readonly byAdmin?: boolean;
}

/** Headers that are kept with an object beside its content type. */
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
  /** `*`: only when there is no such object. */
  readonly ifNoneMatch?: '*' | undefined;
  /** Only when the object's ETag is this. */
  readonly ifMatch?: string | undefined;
  /** Whether all of its content comes from admins. Amazon S3 does not keep it. */
  readonly byAdmin?: boolean | undefined;
}

export interface ListFiles {
  readonly prefix?: string | undefined;
  readonly delimiter?: string | undefined;
  /** Keys after this one; after a group of the delimiter: those after all of it. */
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
   * Stores an object; durable when it resolves. A body that fails leaves what was there before.
   * @throws FilePreconditionFailed, NoSuchBucket, or what the body failed with
   */
  put(bucket: string, key: string, body: Uint8Array | Readable, options?: PutFileOptions): Promise<FileInfo>;

  /**
   * An object, or a range of it. The stream must be read or destroyed.
   * @throws NoSuchBucket, FileAccessDenied
   */
  get(
    bucket: string,
    key: string,
    range?: ByteRange,
  ): Promise<{ readonly info: FileInfo; readonly body: Readable } | undefined>;

  head(bucket: string, key: string): Promise<FileInfo | undefined>;
  list(bucket: string, options?: ListFiles): Promise<FilePage>;

  /** Removes an object; one that is absent is no error. */
  delete(bucket: string, key: string): Promise<void>;

  bucketExists(bucket: string): Promise<boolean>;

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

/** Flotilla itself may not read or write there. */
export class FileAccessDenied extends Error {
  override readonly name = 'FileAccessDenied';
}

export class FilePreconditionFailed extends Error {
  override readonly name = 'FilePreconditionFailed';
}
