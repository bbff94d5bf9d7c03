/** PutObject, GetObject, HeadObject, DeleteObject, DeleteObjects. */
import type { ByteRange, PutFileOptions } from '../../core/files.ts';
import type { Answer } from './answer.ts';
import { authorizeS3 } from './authorize.ts';
import { checkedBody, readText } from './body.ts';
import { checksumHeaders } from './checksums.ts';
import { conditionsOf, isUnchanged, quoted, rangeOf } from './conditions.ts';
import { malformedXml, methodNotAllowed, noSuchKey, noSuchVersion, notImplemented, S3Error } from './errors.ts';
import { httpDate, objectHeaders, storedHeaders, versionHeader } from './object-headers.ts';
import type { Deleted, ObjectInfo } from './object-store.ts';
import { checkedKey, type DoorContext, type S3Request } from './s3-request.ts';
import { childrenOf, readXml, textOf } from './xml-reader.ts';
import { document, type Node } from './xml.ts';

const mostDeleted = 1000;

export async function putObject(request: S3Request, { files }: DoorContext): Promise<Answer> {
  const stored = storedHeaders(request.headers);
  const conditions = writeConditionsOf(request.headers);
  const { stream, checksums } = checkedBody(request);
  const info = await files.put(request.bucket, request.key, stream, { ...stored, ...conditions, checksums });
  return { status: 200, headers: { etag: info.etag, ...versionHeader(info), ...checksumHeaders(info) } };
}

/** @throws S3Error NotImplemented */
export function writeConditionsOf(headers: S3Request['headers']): Pick<PutFileOptions, 'ifNoneMatch' | 'ifMatch'> {
  const { 'if-none-match': ifNoneMatch, 'if-match': ifMatch } = headers;
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*') throw notImplemented('If-None-Match of a write with anything but *');
  return { ifNoneMatch, ifMatch: ifMatch === undefined ? undefined : quoted(ifMatch) };
}

/** GetObject and HeadObject. */
export async function getObject(request: S3Request, context: DoorContext): Promise<Answer> {
  if (request.query.has('partNumber')) throw notImplemented('An object by its parts');
  for (;;) {
    const info = await headOf(request, context);
    if (isUnchanged(conditionsOf(request.headers), info)) return { status: 304, headers: { etag: info.etag, 'last-modified': httpDate(info.lastModified), ...versionHeader(info) } };
    const range = rangeOf(request.headers['range'], info.size);
    const answer = { status: range === undefined ? 200 : 206, headers: { ...objectHeaders(request, info), ...rangeHeaders(range, info) } };
    if (request.method === 'HEAD') return answer;
    const found = await context.files.get(request.bucket, request.key, range, request.query.get('versionId'));
    if (found?.info.etag === info.etag && found.info.lastModified === info.lastModified) return { ...answer, body: found.body };
    // Replaced since: what was judged is not what would be sent.
    found?.body.destroy();
  }
}

function rangeHeaders(range: ByteRange | undefined, { size }: ObjectInfo): Record<string, string> {
  if (range === undefined) return { 'content-length': String(size) };
  return { 'content-length': String(range.end - range.start + 1), 'content-range': `bytes ${range.start}-${range.end}/${size}` };
}

async function headOf({ bucket, key, query }: S3Request, { files }: DoorContext): Promise<ObjectInfo> {
  const version = query.get('versionId');
  const info = await files.head(bucket, key, version);
  if (info !== undefined) return info;
  if (version === undefined) throw noSuchKey();
  // A version that is not there, or one that says that the object is deleted.
  const { versions } = await files.listVersions(bucket, { prefix: key, limit: 1000 });
  throw versions.some((one) => one.key === key && one.version === version && one.marker) ? methodNotAllowed() : noSuchVersion();
}

export async function deleteObject({ bucket, key, query }: S3Request, { files }: DoorContext): Promise<Answer> {
  return { status: 204, headers: deletedHeaders(await files.deleteObject(bucket, key, query.get('versionId'))) };
}

function deletedHeaders({ version, marker }: Deleted): Record<string, string> {
  return { ...(version === undefined ? {} : { 'x-amz-version-id': version }), ...(marker ? { 'x-amz-delete-marker': 'true' } : {}) };
}

export async function deleteObjects(request: S3Request, context: DoorContext): Promise<Answer> {
  const root = readXml(await readText(request));
  const objects = childrenOf(root, 'Object').map((object) => ({ key: textOf(object, 'Key'), version: textOf(object, 'VersionId') }));
  if (root.name !== 'Delete' || objects.length === 0 || objects.length > mostDeleted) throw malformedXml();
  const quiet = textOf(root, 'Quiet') === 'true';
  const Deleted: Node[] = [];
  const errors: Node[] = [];
  for (const { key, version } of objects) {
    if (key === undefined || key === '') throw malformedXml();
    try {
      authorizeS3(request.caller, 'change', { bucket: request.bucket, key }, context.serviceBucket);
      const { version: removed, marker } = await context.files.deleteObject(request.bucket, checkedKey(key), version);
      if (quiet) continue;
      const about = version === undefined ? { DeleteMarkerVersionId: removed } : { VersionId: version, DeleteMarkerVersionId: marker ? version : undefined };
      Deleted.push({ Key: key, ...about, DeleteMarker: marker ? true : undefined });
    } catch (error) {
      if (!(error instanceof S3Error)) throw error;
      errors.push({ Key: key, VersionId: version, Code: error.code, Message: error.message });
    }
  }
  return { status: 200, headers: {}, xml: document('DeleteResult', { Deleted, Error: errors }) };
}
