/** PutObject, GetObject, HeadObject, DeleteObject, CopyObject, DeleteObjects. */
import type { Context } from '../../core/context.ts';
import type { FileInfo, PutFileOptions } from '../../core/files.ts';
import { uriDecode } from '../../core/sigv4/canonical-request.ts';
import { checkedBody, readText } from './body.ts';
import { headerOf, type ChecksumAlgorithm } from './checksums.ts';
import { accessDenied, invalidArgument, malformedXml, noSuchKey, preconditionFailed, S3Error } from './errors.ts';
import { authorizeS3 } from './authorize.ts';
import { decodeKey, queryMap, type S3Request } from './s3-request.ts';
import type { Answer } from './answer.ts';
import { document, elements, textOf, type Node } from './xml.ts';

const mostDeleted = 1000;

export async function putObject(request: S3Request, { files }: Context): Promise<Answer> {
  const body = checkedBody(request);
  const info = await files.put(request.bucket, request.key, body.stream, { ...storedHeaders(request.headers), checksums: body.checksums, ...conditionsOf(request.headers) });
  return { status: 200, headers: { etag: info.etag, ...checksumHeaders(info) } };
}

function conditionsOf(headers: S3Request['headers']): Pick<PutFileOptions, 'ifNoneMatch' | 'ifMatch'> {
  const ifNoneMatch = headers['if-none-match'];
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*') throw new S3Error('NotImplemented', 501, 'If-None-Match of a write can only be *.');
  return { ifNoneMatch, ifMatch: headers['if-match'] === undefined ? undefined : quoted(headers['if-match']) };
}

/** What of a request's headers is kept with the object. */
export function storedHeaders(headers: S3Request['headers']): Pick<PutFileOptions, 'contentType' | 'metadata'> {
  const metadata = Object.fromEntries(Object.entries(headers).flatMap(([name, value]) => (name.startsWith('x-amz-meta-') ? [[name.slice('x-amz-meta-'.length), value]] : [])));
  return { contentType: headers['content-type'] ?? 'binary/octet-stream', metadata };
}

export async function getObject(request: S3Request, context: Context): Promise<Answer> {
  const info = await headOf(request, context);
  const unchanged = judgeConditions(request.headers, info);
  if (unchanged) return { status: 304, headers: { etag: info.etag, 'last-modified': httpDate(info.lastModified) } };
  const range = rangeOf(request.headers, info);
  const headers = { ...objectHeaders(request, info), ...overrides(request.query) };
  const length = range === undefined ? info.size : range.end - range.start + 1;
  const partial: Record<string, string> = range === undefined ? {} : { 'content-range': `bytes ${range.start}-${range.end}/${info.size}` };
  const status = range === undefined ? 200 : 206;
  if (request.method === 'HEAD') return { status, headers: { ...headers, ...partial, 'content-length': String(length) } };
  const found = await context.files.get(request.bucket, request.key, range);
  // Replaced or deleted since we looked: the client may ask again.
  if (found === undefined || found.info.etag !== info.etag) {
    found?.body.destroy();
    throw found === undefined ? noSuchKey() : new S3Error('OperationAborted', 409, 'The object was changed while it was read.');
  }
  return { status, headers: { ...headers, ...partial, 'content-length': String(length) }, body: found.body };
}

async function headOf(request: S3Request, { files }: Context): Promise<FileInfo> {
  const info = await files.head(request.bucket, request.key);
  if (info === undefined) throw noSuchKey();
  return info;
}

function objectHeaders(request: S3Request, info: FileInfo): Record<string, string> {
  const metadata = Object.fromEntries(Object.entries(info.metadata ?? {}).map(([name, value]) => [`x-amz-meta-${name}`, value]));
  const checksums = request.headers['x-amz-checksum-mode']?.toUpperCase() === 'ENABLED' && request.headers['range'] === undefined ? checksumHeaders(info) : {};
  return { 'content-type': info.contentType ?? 'binary/octet-stream', etag: info.etag, 'last-modified': httpDate(info.lastModified), 'accept-ranges': 'bytes', ...metadata, ...checksums };
}

export function checksumHeaders(info: FileInfo): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [algorithm, value] of Object.entries(info.checksums ?? {})) headers[headerOf(algorithm as ChecksumAlgorithm)] = value;
  if (Object.keys(headers).length > 0) headers['x-amz-checksum-type'] = 'FULL_OBJECT';
  return headers;
}

/** `response-content-disposition` and the like: headers that the asker chooses. */
function overrides(query: S3Request['query']): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of ['content-type', 'content-language', 'expires', 'cache-control', 'content-disposition', 'content-encoding']) {
    const value = query.get(`response-${name}`);
    if (value !== undefined && !/[\r\n]/.test(value)) headers[name] = value;
  }
  return headers;
}

/** @returns whether the asker's copy is still good. @throws S3Error PreconditionFailed */
function judgeConditions(headers: S3Request['headers'], info: FileInfo): boolean {
  const matches = (list: string): boolean => list.split(',').some((tag) => tag.trim() === '*' || quoted(tag.trim().replace(/^W\//, '')) === info.etag);
  // HTTP dates have whole seconds.
  const modified = Math.floor(info.lastModified / 1000);
  const seconds = (name: string): number => Math.floor(Date.parse(headers[name] ?? '') / 1000);
  if (headers['if-match'] !== undefined) {
    if (!matches(headers['if-match'])) throw preconditionFailed();
  } else if (seconds('if-unmodified-since') < modified) throw preconditionFailed();
  if (headers['if-none-match'] !== undefined) return matches(headers['if-none-match']);
  return seconds('if-modified-since') >= modified;
}

/** `bytes=0-99`, `bytes=100-`, `bytes=-5`. Several ranges, or what cannot be read, mean the whole. */
export function rangeOf(headers: S3Request['headers'], { size }: Pick<FileInfo, 'size'>): { start: number; end: number } | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(headers['range']?.trim() ?? '');
  if (match === null || (match[1] === '' && match[2] === '')) return undefined;
  const unsatisfiable = (): S3Error => new S3Error('InvalidRange', 416, 'The requested range is not satisfiable');
  if (match[1] === '') {
    const last = Math.min(Number(match[2]), size);
    if (last === 0) throw unsatisfiable();
    return { start: size - last, end: size - 1 };
  }
  const start = Number(match[1]);
  const end = match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1);
  if (match[2] !== '' && Number(match[2]) < start) return undefined;
  if (start >= size) throw unsatisfiable();
  return { start, end };
}

export async function deleteObject(request: S3Request, { files }: Context): Promise<Answer> {
  await files.delete(request.bucket, request.key);
  return { status: 204, headers: {} };
}

export async function deleteObjects(request: S3Request, context: Context): Promise<Answer> {
  const text = await readText(request);
  const objects = elements(text, 'Object').map((object) => textOf(object, 'Key'));
  if (objects.length === 0 || objects.length > mostDeleted || objects.some((key) => key === undefined)) throw malformedXml();
  const quiet = textOf(text, 'Quiet') === 'true';
  const deleted: Node[] = [];
  const errors: Node[] = [];
  for (const Key of objects as string[]) {
    try {
      authorizeS3(request.caller, 'write', { bucket: request.bucket, key: Key }, context.serviceBucket);
      await context.files.delete(request.bucket, Key);
      if (!quiet) deleted.push({ Key });
    } catch (error) {
      if (!(error instanceof S3Error)) throw error;
      errors.push({ Key, Code: error.code, Message: error.message });
    }
  }
  return { status: 200, headers: {}, xml: document('DeleteResult', { Deleted: deleted, Error: errors }) };
}

export async function copyObject(request: S3Request, context: Context): Promise<Answer> {
  const source = sourceOf(request, context);
  const found = await context.files.get(source.bucket, source.key);
  if (found === undefined) throw noSuchKey();
  const replace = request.headers['x-amz-metadata-directive'] === 'REPLACE';
  if (!replace && source.bucket === request.bucket && source.key === request.key) {
    found.body.destroy();
    throw new S3Error('InvalidRequest', 400, 'This copy request is illegal because it is trying to copy an object to itself without changing its metadata.');
  }
  const { contentType, metadata, checksums = {} } = found.info;
  const info = await context.files.put(request.bucket, request.key, found.body, { ...(replace ? storedHeaders(request.headers) : { contentType, metadata }), checksums: () => checksums });
  return { status: 200, headers: {}, xml: document('CopyObjectResult', { LastModified: new Date(info.lastModified).toISOString(), ETag: info.etag }) };
}

/** What `x-amz-copy-source` names, which the caller must be allowed to read. */
export function sourceOf(request: S3Request, context: Context): { readonly bucket: string; readonly key: string } {
  const header = request.headers['x-amz-copy-source'] ?? '';
  const [path = '', query = ''] = header.split('?');
  const [, bucket, key] = /^\/?([^/]+)\/(.+)$/.exec(uriDecode(path.replaceAll('+', ' '))) ?? [];
  if (bucket === undefined || key === undefined) throw invalidArgument('x-amz-copy-source must be bucket/key.');
  if (queryMap(query).has('versionId')) throw new S3Error('NotImplemented', 501, 'Versions of objects are not kept.');
  const source = { bucket, key: decodeKey(encodeURIComponent(key)) };
  try {
    authorizeS3(request.caller, 'read', source, context.serviceBucket);
  } catch {
    throw accessDenied();
  }
  return source;
}

function quoted(etag: string): string {
  return etag.startsWith('"') || etag === '*' ? etag : `"${etag}"`;
}

function httpDate(milliseconds: number): string {
  return new Date(milliseconds).toUTCString();
}
