/** PutObject, GetObject, HeadObject. */
import { isAdmin, mayRead } from '../../core/admin-work.ts';
import type { ByteRange, PutFileOptions } from '../../core/files.ts';
import type { Answer } from './answer.ts';
import { checkedBody } from './body.ts';
import { checksumHeaders } from './checksums.ts';
import { conditionsOf, isUnchanged, partRange, quoted, rangeOf } from './conditions.ts';
import { accessDenied, invalidRequest, methodNotAllowed, noSuchKey, noSuchVersion, notImplemented } from './errors.ts';
import { httpDate, objectHeaders, storedHeaders, versionHeader } from './object-headers.ts';
import type { ObjectInfo, ObjectStore } from './object-store.ts';
import type { DoorContext, S3Request } from './s3-request.ts';
import { partNumber } from './uploads.ts';

export async function putObject(request: S3Request, { files }: DoorContext): Promise<Answer> {
  const { bucket, key, headers } = request;
  const stored = storedHeaders(headers);
  const conditions = writeConditionsOf(headers);
  await checkReplaced(bucket, key, conditions, files);
  const { stream, checksums } = checkedBody(request);
  const info = await files.put(bucket, key, stream, {
    ...stored,
    ...conditions,
    checksums,
    byAdmin: isAdmin(request.caller),
  });
  return { status: 200, headers: { etag: info.etag, ...versionHeader(info), ...checksumHeaders(info) } };
}

type WriteConditions = Pick<PutFileOptions, 'ifNoneMatch' | 'ifMatch'>;

/** @throws S3Error NotImplemented */
export function writeConditionsOf(headers: S3Request['headers']): WriteConditions {
  const { 'if-none-match': ifNoneMatch, 'if-match': ifMatch } = headers;
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*')
    throw notImplemented('If-None-Match of a write with anything but *');
  if (ifMatch === '*') throw notImplemented('If-Match of a write with *');
  return { ifNoneMatch, ifMatch: ifMatch === undefined ? undefined : quoted(ifMatch) };
}

/**
 * When the object to be replaced does not exist, S3 answers 404 instead of a failed condition. @throws S3Error
 * NoSuchKey
 */
export async function checkReplaced(
  bucket: string,
  key: string,
  { ifMatch }: WriteConditions,
  files: ObjectStore,
): Promise<void> {
  if (ifMatch !== undefined && (await files.head(bucket, key)) === undefined) throw noSuchKey();
}

/** GetObject and HeadObject. */
export async function getObject(request: S3Request, context: DoorContext): Promise<Answer> {
  const { bucket, key, version, headers } = request;
  for (;;) {
    const info = await headOf(request, context);
    // A node may be about to run the object.
    if (!mayRead(request.caller, info, context.settings))
      throw accessDenied(
        "Access Denied: the object was not stored by an admin, and this node runs on Flotilla's own machine",
      );
    if (isUnchanged(conditionsOf(headers), info))
      return {
        status: 304,
        headers: { etag: info.etag, 'last-modified': httpDate(info.lastModified), ...versionHeader(info) },
      };
    const { range, counted } = await wantedOf(request, info, context);
    const answer = {
      status: range === undefined ? 200 : 206,
      headers: { ...objectHeaders(request, info, range === undefined), ...rangeHeaders(range, info), ...counted },
    };
    if (request.method === 'HEAD') return answer;
    const found = await context.files.get(bucket, key, range, version);
    if (
      found?.info.etag === info.etag &&
      found.info.lastModified === info.lastModified &&
      found.info.byAdmin === info.byAdmin
    )
      return { ...answer, body: found.body };
    // The object was replaced meanwhile: the one that was checked is not the one that would be sent.
    found?.body.destroy();
  }
}

interface Wanted {
  /** Absent for the whole object. */
  readonly range: ByteRange | undefined;
  /** The number of parts, where a part was requested. */
  readonly counted: Readonly<Record<string, string>>;
}

/** @throws S3Error InvalidRange, InvalidPartNumber, InvalidRequest, InvalidArgument */
async function wantedOf(
  { bucket, key, version, headers, query }: S3Request,
  info: ObjectInfo,
  { files }: DoorContext,
): Promise<Wanted> {
  const number = query.get('partNumber');
  if (number === undefined) return { range: rangeOf(headers['range'], info.size), counted: {} };
  if (headers['range'] !== undefined)
    throw invalidRequest('Cannot specify both Range header and partNumber query parameter');
  const sizes = await files.partSizes(bucket, key, version);
  const range = partRange(partNumber(number), sizes);
  // An object that was stored in one request has one part, and does not mention parts. Joined objects without bytes
  // have one empty part.
  return {
    range,
    counted: info.etag.includes('-') ? { 'x-amz-mp-parts-count': String(Math.max(sizes.length, 1)) } : {},
  };
}

function rangeHeaders(range: ByteRange | undefined, { size }: ObjectInfo): Record<string, string> {
  if (range === undefined) return { 'content-length': String(size) };
  return {
    'content-length': String(range.end - range.start + 1),
    'content-range': `bytes ${range.start}-${range.end}/${size}`,
  };
}

async function headOf({ bucket, key, version }: S3Request, { files }: DoorContext): Promise<ObjectInfo> {
  const info = await files.head(bucket, key, version);
  if (info !== undefined) return info;
  if (version === undefined) throw noSuchKey();
  // The version does not exist, or is a delete marker.
  const { versions } = await files.listVersions(bucket, { prefix: key, limit: 1000 });
  throw versions.some((one) => one.key === key && one.version === version && one.marker)
    ? methodNotAllowed()
    : noSuchVersion();
}
