/** Both versions of ListObjects, and ListObjectVersions. */
import type { FileInfo, FilePage } from '../../core/files.ts';
import { decodeToken, encodeToken } from '../../core/pagination.ts';
import { uriEncode } from '../../core/sigv4/canonical-request.ts';
import type { Answer } from './answer.ts';
import { invalidArgument, notImplemented } from './errors.ts';
import type { VersionInfo } from './object-store.ts';
import { limitOf, type DoorContext, type S3Request } from './s3-request.ts';
import { document, type Node } from './xml.ts';

export async function listObjectsV2(request: S3Request, context: DoorContext): Promise<Answer> {
  const { query } = request;
  const token = query.get('continuation-token');
  const startAfter = query.get('start-after');
  const page = await readPage(
    request,
    context,
    token === undefined ? startAfter : await decodePosition(context, token),
  );
  const owner = query.get('fetch-owner') === 'true' ? { ID: context.account } : undefined;
  const xml = document('ListBucketResult', {
    ...common(request, page, owner),
    KeyCount: page.files.length + page.prefixes.length,
    ContinuationToken: token,
    NextContinuationToken:
      page.next === undefined ? undefined : await encodeToken(context, { after: page.next }, purpose),
    StartAfter: startAfter === undefined ? undefined : encoder(query)(startAfter),
  });
  return { status: 200, headers: {}, xml };
}

export async function listObjects(request: S3Request, context: DoorContext): Promise<Answer> {
  const { query } = request;
  const marker = query.get('marker') ?? '';
  const page = await readPage(request, context, marker);
  const encode = encoder(query);
  // Without a delimiter, clients use the last key.
  const NextMarker = page.next === undefined || !query.get('delimiter') ? undefined : encode(page.next);
  return {
    status: 200,
    headers: {},
    xml: document('ListBucketResult', {
      ...common(request, page, { ID: context.account }),
      Marker: encode(marker),
      NextMarker,
    }),
  };
}

export async function listObjectVersions(
  { bucket, query }: S3Request,
  { files, account }: DoorContext,
): Promise<Answer> {
  if (query.get('delimiter')) throw notImplemented('A list of versions by a delimiter');
  const encode = encoder(query);
  const prefix = query.get('prefix') ?? '';
  const key = query.get('key-marker') ?? '';
  const version = query.get('version-id-marker') || undefined;
  const limit = limitOf(query, 'max-keys');
  const { versions, more } = await files.listVersions(bucket, {
    prefix,
    after: key === '' ? undefined : { key, version },
    limit,
  });
  const last = versions.at(-1);
  const entry = (one: VersionInfo): Node => ({
    Key: encode(one.key),
    VersionId: one.version,
    IsLatest: one.latest,
    LastModified: new Date(one.lastModified).toISOString(),
    Owner: { ID: account },
  });
  const xml = document('ListVersionsResult', {
    Name: bucket,
    Prefix: encode(prefix),
    KeyMarker: encode(key),
    VersionIdMarker: version ?? '',
    NextKeyMarker: more && last !== undefined ? encode(last.key) : undefined,
    NextVersionIdMarker: more ? last?.version : undefined,
    MaxKeys: limit,
    EncodingType: query.get('encoding-type'),
    IsTruncated: more && last !== undefined,
    Version: versions
      .filter(({ marker }) => !marker)
      .map((one) => ({ ...entry(one), ETag: one.etag, Size: one.size, StorageClass: 'STANDARD' })),
    DeleteMarker: versions.filter(({ marker }) => marker).map(entry),
  });
  return { status: 200, headers: {}, xml };
}

interface Page extends FilePage {
  readonly limit: number;
}

async function readPage(
  { bucket, query }: S3Request,
  { files }: DoorContext,
  startAfter: string | undefined,
): Promise<Page> {
  const encoding = query.get('encoding-type');
  if (encoding !== undefined && encoding !== 'url')
    throw invalidArgument('Invalid Encoding Method specified in Request');
  const limit = limitOf(query, 'max-keys');
  const page = await files.list(bucket, {
    prefix: query.get('prefix'),
    delimiter: query.get('delimiter'),
    startAfter,
    limit: Math.max(limit, 1),
  });
  return limit === 0 ? { files: [], prefixes: [], limit } : { ...page, limit };
}

function common({ bucket, query }: S3Request, page: Page, owner: Node | undefined): Node {
  const encode = encoder(query);
  const delimiter = query.get('delimiter');
  return {
    Name: bucket,
    Prefix: encode(query.get('prefix') ?? ''),
    Delimiter: delimiter ? encode(delimiter) : undefined,
    MaxKeys: page.limit,
    EncodingType: query.get('encoding-type'),
    IsTruncated: page.next !== undefined,
    Contents: page.files.map((file) => contents(file, encode, owner)),
    CommonPrefixes: page.prefixes.map((one) => ({ Prefix: encode(one) })),
  };
}

function contents(file: FileInfo, encode: (text: string) => string, Owner: Node | undefined): Node {
  const ChecksumAlgorithm = Object.keys(file.checksums ?? {});
  return {
    Key: encode(file.key),
    LastModified: new Date(file.lastModified).toISOString(),
    ETag: file.etag,
    ChecksumAlgorithm,
    Size: file.size,
    StorageClass: 'STANDARD',
    Owner,
  };
}

/** Keys may have characters that XML cannot contain, so clients ask for encoded keys. */
export function encoder(query: S3Request['query']): (text: string) => string {
  return query.get('encoding-type') === 'url' ? (text) => text.split('/').map(uriEncode).join('/') : (text) => text;
}

const purpose = 's3-list';

async function decodePosition(context: DoorContext, token: string): Promise<string> {
  try {
    return (await decodeToken<{ after: string }>(context, token, purpose)).after;
  } catch {
    throw invalidArgument('The continuation token provided is incorrect');
  }
}
