/** Buckets, and the lists of what is in them. */
import type { Context } from '../../core/context.ts';
import type { FileInfo } from '../../core/files.ts';
import { decodeToken, encodeToken } from '../../core/pagination.ts';
import { uriEncode } from '../../core/sigv4/canonical-request.ts';
import type { Answer } from './answer.ts';
import { invalidArgument, noSuchBucket, S3Error } from './errors.ts';
import type { S3Request } from './s3-request.ts';
import { document } from './xml.ts';

/** AWS's rule for names that work in a host. Those that begin with a dot are the door's own. */
const bucketName = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

export async function createBucket(request: S3Request, { files, region }: Context): Promise<Answer> {
  if (!bucketName.test(request.bucket) || request.bucket.includes('..')) throw new S3Error('InvalidBucketName', 400, 'The specified bucket is not valid.');
  if (await files.bucketExists(request.bucket)) {
    // us-east-1 alone answers a second creation by the owner with success.
    if (region !== 'us-east-1') throw new S3Error('BucketAlreadyOwnedByYou', 409, 'Your previous request to create the named bucket succeeded and you already own it.');
  } else await files.createBucket(request.bucket);
  return { status: 200, headers: { location: `/${request.bucket}` } };
}

export async function headBucket(request: S3Request, { files, region }: Context): Promise<Answer> {
  if (!(await files.bucketExists(request.bucket))) throw noSuchBucket();
  return { status: 200, headers: { 'x-amz-bucket-region': region } };
}

export async function deleteBucket(request: S3Request, { files, serviceBucket }: Context): Promise<Answer> {
  if (request.bucket === serviceBucket) throw new S3Error('AccessDenied', 403, "This bucket is the service's own.");
  await files.deleteBucket(request.bucket);
  return { status: 204, headers: {} };
}

export async function listBuckets({ files, account }: Context): Promise<Answer> {
  const names = (await files.listBuckets()).filter((name) => !name.startsWith('.'));
  return { status: 200, headers: {}, xml: document('ListAllMyBucketsResult', { Owner: { ID: account, DisplayName: 'flotilla' }, Buckets: { Bucket: names.map((Name) => ({ Name, CreationDate: '2026-01-01T00:00:00.000Z' })) } }) };
}

/** us-east-1 is written as nothing. */
export async function bucketLocation(request: S3Request, { files, region }: Context): Promise<Answer> {
  if (!(await files.bucketExists(request.bucket))) throw noSuchBucket();
  const xml = document('LocationConstraint', {});
  return { status: 200, headers: {}, xml: region === 'us-east-1' ? xml : xml.replace('></', `>${region}</`) };
}

/** Agents ask before they upload, and take this answer for «no encryption by default». */
export async function bucketEncryption(request: S3Request, { files }: Context): Promise<Answer> {
  if (!(await files.bucketExists(request.bucket))) throw noSuchBucket();
  throw new S3Error('ServerSideEncryptionConfigurationNotFoundError', 404, 'The server side encryption configuration was not found');
}

const mostKeys = 1000;

export async function listObjectsV2(request: S3Request, context: Context): Promise<Answer> {
  const { query } = request;
  const token = query.get('continuation-token');
  const startAfter = token === undefined ? query.get('start-after') : (await decodePosition(context, token)).after;
  const { page, common } = await readPage(request, context, startAfter);
  return {
    status: 200,
    headers: {},
    xml: document('ListBucketResult', {
      ...common,
      KeyCount: page.files.length + page.prefixes.length,
      ContinuationToken: token,
      NextContinuationToken: page.next === undefined ? undefined : await encodeToken(context, { after: page.next }, 's3-list'),
      StartAfter: query.get('start-after'),
    }),
  };
}

export async function listObjects(request: S3Request, context: Context): Promise<Answer> {
  const { query } = request;
  const { page, common } = await readPage(request, context, query.get('marker'));
  // Without a delimiter the last key is the marker; clients know that.
  const NextMarker = page.next === undefined || query.get('delimiter') === undefined ? undefined : encoder(query)(page.next);
  return { status: 200, headers: {}, xml: document('ListBucketResult', { ...common, Marker: query.get('marker') ?? '', NextMarker }) };
}

async function readPage(request: S3Request, { files }: Context, startAfter: string | undefined) {
  const { query, bucket } = request;
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter');
  const limit = limitOf(query.get('max-keys'));
  const encode = encoder(query);
  const page = limit === 0 ? { files: [], prefixes: [], next: undefined } : await files.list(bucket, { prefix, delimiter, startAfter, limit });
  const common = {
    Name: bucket,
    Prefix: encode(prefix),
    Delimiter: delimiter === undefined ? undefined : encode(delimiter),
    MaxKeys: limit,
    EncodingType: query.get('encoding-type'),
    IsTruncated: page.next !== undefined,
    Contents: page.files.map((file) => contents(file, encode)),
    CommonPrefixes: page.prefixes.map((one) => ({ Prefix: encode(one) })),
  };
  return { page, common };
}

function contents(file: FileInfo, encode: (text: string) => string) {
  return { Key: encode(file.key), LastModified: new Date(file.lastModified).toISOString(), ETag: file.etag, Size: file.size, StorageClass: 'STANDARD' };
}

function encoder(query: S3Request['query']): (text: string) => string {
  return query.get('encoding-type') === 'url' ? (text) => text.split('/').map(uriEncode).join('/') : (text) => text;
}

function limitOf(text: string | undefined): number {
  if (text === undefined || text === '') return mostKeys;
  if (!/^\d{1,9}$/.test(text)) throw invalidArgument('max-keys must be a number.');
  return Math.min(Number(text), mostKeys);
}

async function decodePosition(context: Context, token: string): Promise<{ after: string }> {
  try {
    return await decodeToken<{ after: string }>(context, token, 's3-list');
  } catch {
    throw invalidArgument('The continuation token provided is incorrect');
  }
}
