/** Reads the headers that are stored with an object, and makes the headers of an answer. */
import { keptHeaders, type FileInfo } from '../../core/files.ts';
import { checksumHeaders } from './checksums.ts';
import { invalidArgument, notImplemented, S3Error } from './errors.ts';
import type { ObjectInfo, StoreObject } from './object-store.ts';
import type { S3Request } from './s3-request.ts';
import { tagsOfHeader } from './tagging.ts';

type Headers = S3Request['headers'];

/** The most bytes of user metadata, names and values together. */
const mostMetadata = 2048;

/** Requests that are refused, because the caller would believe them granted. */
const notOffered =
  /^x-amz-(server-side-encryption|object-lock|website-redirect|grant|write-offset|copy-source-server-side-encryption)/;

/** By AWS's default the bucket's owner owns all objects, so these ACLs change nothing. Others are refused. */
const ownersAcls: ReadonlySet<string> = new Set(['private', 'bucket-owner-full-control', 'bucket-owner-read']);

/**
 * The headers of a request that are stored with the object.
 * @throws S3Error NotImplemented, AccessControlListNotSupported, InvalidStorageClass, MetadataTooLarge, InvalidTag
 */
export function storedHeaders(headers: Headers): Pick<StoreObject, 'contentType' | 'headers' | 'metadata' | 'tags'> {
  for (const name of Object.keys(headers)) if (notOffered.test(name)) throw notImplemented(name);
  checkAcl(headers);
  if ((headers['x-amz-storage-class'] ?? 'STANDARD') !== 'STANDARD')
    throw new S3Error('InvalidStorageClass', 400, 'The storage class you specified is not valid');
  const metadata = Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      name.startsWith('x-amz-meta-') ? [[name.slice('x-amz-meta-'.length), value]] : [],
    ),
  );
  const size = Object.entries(metadata).reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (size > mostMetadata)
    throw new S3Error('MetadataTooLarge', 400, 'Your metadata headers exceed the maximum allowed metadata size', {
      Size: String(size),
      MaxSizeAllowed: String(mostMetadata),
    });
  const tagging = headers['x-amz-tagging'];
  return {
    contentType: headers['content-type'] ?? 'binary/octet-stream',
    headers: keptOf(headers),
    metadata,
    ...(tagging === undefined ? {} : { tags: tagsOfHeader(tagging) }),
  };
}

/** @throws S3Error AccessControlListNotSupported */
export function checkAcl(headers: Headers): void {
  const acl = headers['x-amz-acl'];
  if (acl !== undefined && !ownersAcls.has(acl))
    throw new S3Error('AccessControlListNotSupported', 400, 'The bucket does not allow ACLs');
}

function keptOf(headers: Headers): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of keptHeaders) {
    // The transfer's encoding is not the object's.
    const value =
      name === 'content-encoding'
        ? (headers[name] ?? '')
            .split(',')
            .map((coding) => coding.trim())
            .filter((coding) => coding !== '' && coding !== 'aws-chunked')
            .join(',')
        : headers[name];
    if (value) kept[name] = value;
  }
  return kept;
}

/**
 * An object's headers, with those that the caller sets by `response-…`.
 * @param whole whether the whole object is sent
 */
export function objectHeaders(
  { headers, query }: Pick<S3Request, 'headers' | 'query'>,
  info: ObjectInfo,
  whole: boolean,
): Record<string, string> {
  const tagCount = Object.keys(info.tags ?? {}).length;
  return {
    'content-type': headerText(info.contentType ?? 'binary/octet-stream'),
    ...Object.fromEntries(Object.entries(info.headers ?? {}).map(([name, value]) => [name, headerText(value)])),
    ...metadataHeaders(info.metadata ?? {}),
    ...overrides(query),
    etag: info.etag,
    'last-modified': httpDate(info.lastModified),
    'accept-ranges': 'bytes',
    ...versionHeader(info),
    ...(tagCount === 0 ? {} : { 'x-amz-tagging-count': String(tagCount) }),
    ...(whole && headers['x-amz-checksum-mode']?.toUpperCase() === 'ENABLED' ? checksumHeaders(info) : {}),
  };
}

/** User metadata as headers. Names that cannot be a header's are counted, as in S3. */
function metadataHeaders(metadata: Readonly<Record<string, string>>): Record<string, string> {
  const headers: Record<string, string> = {};
  let missing = 0;
  for (const [name, value] of Object.entries(metadata)) {
    if (/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) headers[`x-amz-meta-${name}`] = headerText(value);
    else missing++;
  }
  return missing === 0 ? headers : { ...headers, 'x-amz-missing-meta': String(missing) };
}

const headerSafe = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Rooms and URLs may give text that a header cannot hold. It is encoded by RFC 2047, as in S3. */
function headerText(value: string): string {
  return headerSafe.test(value) ? value : `=?UTF-8?B?${Buffer.from(value).toString('base64')}?=`;
}

/** A bucket without versions sends no such header. */
export function versionHeader({ version }: { readonly version?: string }): Record<string, string> {
  return version === undefined || version === 'null' ? {} : { 'x-amz-version-id': version };
}

function overrides(query: S3Request['query']): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of ['content-type', ...keptHeaders]) {
    const value = query.get(`response-${name}`);
    if (value === undefined) continue;
    if (!headerSafe.test(value)) throw invalidArgument(`The value of response-${name} cannot be a header.`);
    headers[name] = value;
  }
  return headers;
}

export function httpDate(milliseconds: FileInfo['lastModified']): string {
  return new Date(milliseconds).toUTCString();
}
