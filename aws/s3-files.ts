/** The Files port on S3. */
import { Readable } from 'node:stream';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  type BucketLocationConstraint,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import {
  FileAccessDenied,
  FilePreconditionFailed,
  NoSuchBucket,
  type keptHeaders,
  type ByteRange,
  type FileInfo,
  type FilePage,
  type Files,
  type ListFiles,
  type PutFileOptions,
} from '../core/files.ts';

export class S3Files implements Files {
  readonly #s3: S3Client;
  readonly #region: string;

  constructor({ region, s3 = new S3Client({ region }) }: { readonly region: string; readonly s3?: S3Client }) {
    this.#s3 = s3;
    this.#region = region;
  }

  async put(
    bucket: string,
    key: string,
    body: Uint8Array | Readable,
    { contentType, headers = {}, metadata, ifNoneMatch, ifMatch }: PutFileOptions = {},
  ): Promise<FileInfo> {
    const request = {
      Bucket: bucket,
      Key: key,
      ContentType: contentType,
      ...headerMembers(headers),
      Metadata: metadata && { ...metadata },
      IfNoneMatch: ifNoneMatch,
      IfMatch: ifMatch,
    };
    await known(
      body instanceof Readable
        ? // Of unknown length: uploaded in parts as it comes.
          new Upload({ client: this.#s3, params: { ...request, Body: body } }).done()
        : this.#s3.send(new PutObjectCommand({ ...request, Body: body })),
    );
    const info = await this.head(bucket, key);
    if (info === undefined) throw new Error(`${bucket}/${key} is gone as soon as it was stored`);
    return info;
  }

  async get(
    bucket: string,
    key: string,
    range?: ByteRange,
  ): Promise<{ readonly info: FileInfo; readonly body: Readable } | undefined> {
    const found = await orAbsent(
      this.#s3.send(
        new GetObjectCommand({
          Bucket: bucket,
          Key: key,
          ...(range === undefined ? {} : { Range: `bytes=${range.start}-${range.end}` }),
        }),
      ),
    );
    if (found === undefined) return undefined;
    // `bytes 0-9/100`: `size` is the whole object's, also for a range.
    const whole = found.ContentRange === undefined ? found.ContentLength : Number(found.ContentRange.split('/')[1]);
    return { info: infoOf(key, { ...found, ContentLength: whole }), body: found.Body as Readable };
  }

  async head(bucket: string, key: string): Promise<FileInfo | undefined> {
    const found = await orAbsent(this.#s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key })));
    return found === undefined ? undefined : infoOf(key, found);
  }

  async list(bucket: string, { prefix, delimiter, startAfter, limit }: ListFiles = {}): Promise<FilePage> {
    const page = await known(
      this.#s3.send(
        new ListObjectsV2Command({
          Bucket: bucket,
          Prefix: prefix,
          Delimiter: delimiter,
          StartAfter: afterGroup(startAfter, delimiter),
          MaxKeys: limit,
        }),
      ),
    );
    const files = (page.Contents ?? []).map((object) =>
      infoOf(object.Key ?? '', { ContentLength: object.Size, ETag: object.ETag, LastModified: object.LastModified }),
    );
    const prefixes = (page.CommonPrefixes ?? []).flatMap(({ Prefix }) => Prefix ?? []);
    // The next page starts after the greater of both.
    const [last = ''] = [files.at(-1)?.key ?? '', prefixes.at(-1) ?? ''].sort((one, other) =>
      Buffer.compare(Buffer.from(other), Buffer.from(one)),
    );
    return { files, prefixes, ...(page.IsTruncated === true ? { next: last } : {}) };
  }

  async delete(bucket: string, key: string): Promise<void> {
    await known(this.#s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key })));
  }

  async bucketExists(bucket: string): Promise<boolean> {
    return (await orAbsent(this.#s3.send(new HeadBucketCommand({ Bucket: bucket })), true)) !== undefined;
  }

  async createBucket(bucket: string): Promise<void> {
    // S3 does not accept us-east-1 as a location constraint.
    const place =
      this.#region === 'us-east-1'
        ? {}
        : { CreateBucketConfiguration: { LocationConstraint: this.#region as BucketLocationConstraint } };
    try {
      await this.#s3.send(new CreateBucketCommand({ Bucket: bucket, ...place }));
    } catch (error) {
      if ((error as Error).name !== 'BucketAlreadyOwnedByYou') throw error;
    }
  }

  async presign(method: 'GET' | 'PUT', bucket: string, key: string, expiresIn: number): Promise<string> {
    const request = { Bucket: bucket, Key: key };
    return method === 'GET'
      ? getSignedUrl(this.#s3, new GetObjectCommand(request), { expiresIn })
      : getSignedUrl(this.#s3, new PutObjectCommand(request), { expiresIn });
  }
}

/**
 * When the list continues after a group, S3 would return that group again. No key below the group is greater than this
 * one.
 */
function afterGroup(startAfter: string | undefined, delimiter: string | undefined): string | undefined {
  return startAfter !== undefined && delimiter !== undefined && delimiter !== '' && startAfter.endsWith(delimiter)
    ? `${startAfter}\u{10FFFF}`
    : startAfter;
}

/** The SDK's names for the headers that are stored with an object. */
const headerNames = {
  'cache-control': 'CacheControl',
  'content-disposition': 'ContentDisposition',
  'content-encoding': 'ContentEncoding',
  'content-language': 'ContentLanguage',
} as const satisfies Partial<Record<(typeof keptHeaders)[number], string>>;

function headerMembers(
  headers: Readonly<Record<string, string>>,
): Partial<Record<(typeof headerNames)[keyof typeof headerNames], string>> & { Expires?: Date } {
  const known = Object.entries(headerNames).flatMap(([header, member]) =>
    headers[header] === undefined ? [] : [[member, headers[header]]],
  );
  return {
    ...(Object.fromEntries(known) as object),
    ...(headers.expires === undefined ? {} : { Expires: new Date(headers.expires) }),
  };
}

interface Found {
  readonly CacheControl?: string | undefined;
  readonly ContentDisposition?: string | undefined;
  readonly ContentEncoding?: string | undefined;
  readonly ContentLanguage?: string | undefined;
  readonly ExpiresString?: string | undefined;
  readonly ContentLength?: number | undefined;
  readonly ETag?: string | undefined;
  readonly LastModified?: Date | undefined;
  readonly ContentType?: string | undefined;
  readonly Metadata?: Readonly<Record<string, string>> | undefined;
}

function infoOf(key: string, found: Found): FileInfo {
  const { ContentLength, ETag, LastModified, ContentType, Metadata, ExpiresString } = found;
  const headers = Object.fromEntries(
    [
      ...Object.entries(headerNames).map(([header, member]) => [header, found[member]] as const),
      ['expires', ExpiresString] as const,
    ].filter(([, value]) => value !== undefined),
  ) as Record<string, string>;
  return {
    key,
    size: ContentLength ?? 0,
    etag: ETag ?? '',
    lastModified: LastModified?.getTime() ?? 0,
    ...(ContentType === undefined ? {} : { contentType: ContentType }),
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
    ...(Metadata === undefined || Object.keys(Metadata).length === 0 ? {} : { metadata: Metadata }),
  };
}

/** Turns S3's errors into the port's. */
async function known<Result>(answer: Promise<Result>): Promise<Result> {
  try {
    return await answer;
  } catch (error) {
    throw portError(error);
  }
}

/** @param bucketToo whether an absent bucket counts as an absent object instead of an error */
async function orAbsent<Result>(answer: Promise<Result>, bucketToo = false): Promise<Result | undefined> {
  try {
    return await answer;
  } catch (error) {
    const { name } = error as Error;
    // The answer of HEAD has no body that says what is missing.
    if (name === 'NoSuchKey' || name === 'NotFound' || (bucketToo && name === 'NoSuchBucket')) return undefined;
    throw portError(error);
  }
}

function portError(error: unknown): Error {
  const { name, message } = error as Error;
  if (name === 'NoSuchBucket') return new NoSuchBucket(message, { cause: error });
  if (name === 'AccessDenied' || name === 'Forbidden') return new FileAccessDenied(message, { cause: error });
  // 409: another writer is writing the same key.
  if (name === 'PreconditionFailed' || name === 'ConditionalRequestConflict')
    return new FilePreconditionFailed(message, { cause: error });
  return error as Error;
}
