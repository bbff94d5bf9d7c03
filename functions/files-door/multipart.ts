/**
 * Multipart uploads. Parts are objects of a bucket that no name can reach from outside; completing one joins
 * them into the object, which appears whole or not at all.
 */
import { Readable } from 'node:stream';
import type { Context } from '../../core/context.ts';
import type { FileInfo } from '../../core/files.ts';
import type { Answer } from './answer.ts';
import { checkedBody, readText } from './body.ts';
import { invalidArgument, malformedXml, noSuchKey, noSuchUpload, preconditionFailed, S3Error } from './errors.ts';
import { checksumHeaders, rangeOf, sourceOf, storedHeaders } from './objects.ts';
import type { S3Request } from './s3-request.ts';
import { document, elements, textOf } from './xml.ts';

/** No bucket's name begins with a dot. */
export const partsBucket = '.multipart';
const mostParts = 10_000;

interface Upload {
  readonly bucket: string;
  readonly key: string;
  readonly contentType?: string | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly startedAt: number;
}

const uploadFile = (uploadId: string): string => `${uploadId}/upload`;
const partFile = (uploadId: string, part: number): string => `${uploadId}/part-${String(part).padStart(5, '0')}`;

export async function createUpload(request: S3Request, { files, ids, clock }: Context): Promise<Answer> {
  if (!(await files.bucketExists(request.bucket))) throw new S3Error('NoSuchBucket', 404, 'The specified bucket does not exist');
  await files.createBucket(partsBucket);
  const uploadId = ids.secret(24);
  const upload: Upload = { bucket: request.bucket, key: request.key, ...storedHeaders(request.headers), startedAt: clock.now() };
  await files.put(partsBucket, uploadFile(uploadId), Buffer.from(JSON.stringify(upload)));
  return { status: 200, headers: {}, xml: document('InitiateMultipartUploadResult', { Bucket: request.bucket, Key: request.key, UploadId: uploadId }) };
}

export async function uploadPart(request: S3Request, context: Context): Promise<Answer> {
  const uploadId = await uploadOf(request, context);
  const part = partNumber(request.query.get('partNumber'));
  if (request.headers['x-amz-copy-source'] !== undefined) return copyPart(request, context, uploadId, part);
  const body = checkedBody(request);
  const info = await context.files.put(partsBucket, partFile(uploadId, part), body.stream, { checksums: body.checksums });
  return { status: 200, headers: { etag: info.etag, ...checksumHeaders(info) } };
}

async function copyPart(request: S3Request, context: Context, uploadId: string, part: number): Promise<Answer> {
  const source = sourceOf(request, context);
  const head = await context.files.head(source.bucket, source.key);
  if (head === undefined) throw noSuchKey();
  const asked = request.headers['x-amz-copy-source-range'];
  const range = asked === undefined ? undefined : rangeOf({ range: asked }, head);
  const found = await context.files.get(source.bucket, source.key, range);
  if (found === undefined) throw noSuchKey();
  const info = await context.files.put(partsBucket, partFile(uploadId, part), found.body);
  return { status: 200, headers: {}, xml: document('CopyPartResult', { LastModified: new Date(info.lastModified).toISOString(), ETag: info.etag }) };
}

export async function completeUpload(request: S3Request, context: Context): Promise<Answer> {
  const { files } = context;
  const uploadId = await uploadOf(request, context);
  const upload = await readUpload(uploadId, context);
  const text = await readText(request);
  const wanted = elements(text, 'Part').map((part) => ({ number: Number(textOf(part, 'PartNumber')), etag: (textOf(part, 'ETag') ?? '').replaceAll('"', '') }));
  if (wanted.length === 0) throw malformedXml();
  const parts: FileInfo[] = [];
  for (const [place, { number, etag }] of wanted.entries()) {
    if (place > 0 && number <= wanted[place - 1]!.number) throw new S3Error('InvalidPartOrder', 400, 'The list of parts was not in ascending order. Parts must be ordered by part number.');
    const info = Number.isInteger(number) ? await files.head(partsBucket, partFile(uploadId, number)) : undefined;
    if (info === undefined || info.etag.replaceAll('"', '') !== etag) throw new S3Error('InvalidPart', 400, 'One or more of the specified parts could not be found.');
    parts.push(info);
  }
  if (request.headers['if-none-match'] === '*' && (await files.head(upload.bucket, upload.key)) !== undefined) throw preconditionFailed();
  const info = await files.put(upload.bucket, upload.key, Readable.from(contentOf(parts, context)), { contentType: upload.contentType, metadata: upload.metadata });
  await removeUpload(uploadId, context);
  return { status: 200, headers: {}, xml: document('CompleteMultipartUploadResult', { Location: `${context.settings.endpoint}/${upload.bucket}/${upload.key}`, Bucket: upload.bucket, Key: upload.key, ETag: info.etag }) };
}

async function* contentOf(parts: readonly FileInfo[], { files }: Context): AsyncGenerator<Buffer> {
  for (const part of parts) {
    const found = await files.get(partsBucket, part.key);
    if (found === undefined) throw noSuchUpload();
    yield* found.body as AsyncIterable<Buffer>;
  }
}

export async function abortUpload(request: S3Request, context: Context): Promise<Answer> {
  await removeUpload(await uploadOf(request, context), context);
  return { status: 204, headers: {} };
}

export async function listParts(request: S3Request, context: Context): Promise<Answer> {
  const uploadId = await uploadOf(request, context);
  const limit = Math.min(1000, Number(request.query.get('max-parts') ?? 1000) || 1000);
  const marker = request.query.get('part-number-marker');
  const page = await context.files.list(partsBucket, { prefix: `${uploadId}/part-`, limit, ...(marker === undefined || marker === '0' ? {} : { startAfter: partFile(uploadId, partNumber(marker)) }) });
  const Part = page.files.map((file) => ({ PartNumber: numberOf(file.key), LastModified: new Date(file.lastModified).toISOString(), ETag: file.etag, Size: file.size }));
  return {
    status: 200,
    headers: {},
    xml: document('ListPartsResult', { Bucket: request.bucket, Key: request.key, UploadId: uploadId, StorageClass: 'STANDARD', PartNumberMarker: marker ?? 0, NextPartNumberMarker: page.next === undefined ? undefined : numberOf(page.next), MaxParts: limit, IsTruncated: page.next !== undefined, Part }),
  };
}

export async function listUploads(request: S3Request, context: Context): Promise<Answer> {
  const prefix = request.query.get('prefix') ?? '';
  const uploads: { Key: string; UploadId: string; StorageClass: string; Initiated: string }[] = [];
  if (await context.files.bucketExists(partsBucket)) {
    // Few at a time on one machine: an upload lives for minutes.
    let after: string | undefined;
    do {
      const page = await context.files.list(partsBucket, { delimiter: '/', startAfter: after });
      for (const folder of page.prefixes) {
        const UploadId = folder.slice(0, -1);
        const upload = await readUpload(UploadId, context).catch(() => undefined);
        if (upload?.bucket === request.bucket && upload.key.startsWith(prefix)) uploads.push({ Key: upload.key, UploadId, StorageClass: 'STANDARD', Initiated: new Date(upload.startedAt).toISOString() });
      }
      after = page.next;
    } while (after !== undefined);
  }
  return { status: 200, headers: {}, xml: document('ListMultipartUploadsResult', { Bucket: request.bucket, Prefix: prefix, MaxUploads: 1000, IsTruncated: false, Upload: uploads }) };
}

/** The upload a request names, which must be of its bucket and key. @throws S3Error NoSuchUpload */
async function uploadOf(request: S3Request, context: Context): Promise<string> {
  const uploadId = request.query.get('uploadId') ?? '';
  if (!/^[\w-]{16,64}$/.test(uploadId)) throw noSuchUpload();
  const upload = await readUpload(uploadId, context);
  if (upload.bucket !== request.bucket || upload.key !== request.key) throw noSuchUpload();
  return uploadId;
}

async function readUpload(uploadId: string, { files }: Context): Promise<Upload> {
  const found = (await files.bucketExists(partsBucket)) ? await files.get(partsBucket, uploadFile(uploadId)) : undefined;
  if (found === undefined) throw noSuchUpload();
  const chunks: Buffer[] = [];
  for await (const chunk of found.body as AsyncIterable<Buffer>) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString()) as Upload;
}

/** The description goes last: what is left of an interrupted removal can be removed again. */
async function removeUpload(uploadId: string, { files }: Context): Promise<void> {
  let after: string | undefined;
  do {
    const page = await files.list(partsBucket, { prefix: `${uploadId}/part-`, startAfter: after });
    for (const file of page.files) await files.delete(partsBucket, file.key);
    after = page.next;
  } while (after !== undefined);
  await files.delete(partsBucket, uploadFile(uploadId));
}

function partNumber(text: string | undefined): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > mostParts) throw invalidArgument(`Part number must be an integer between 1 and ${mostParts}, inclusive`);
  return number;
}

function numberOf(key: string): number {
  return Number(key.slice(-5));
}
