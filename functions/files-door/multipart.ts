/** CreateMultipartUpload, UploadPart, UploadPartCopy, AbortMultipartUpload, ListParts, ListMultipartUploads. */
import { isAdmin } from '../../core/admin-work.ts';
import type { Answer } from './answer.ts';
import { checkedBody } from './body.ts';
import { algorithmOf, checksumHeaders, checksumsNode, summed } from './checksums.ts';
import { rangeOf } from './conditions.ts';
import { copySource } from './copy-object.ts';
import { invalidArgument, invalidRequest, noSuchBucket, noSuchKey, notImplemented } from './errors.ts';
import { encoder } from './list-objects.ts';
import { storedHeaders } from './object-headers.ts';
import { limitOf, type DoorContext, type S3Request } from './s3-request.ts';
import {
  allUploads,
  listParts as partsOf,
  mostParts,
  partNumber,
  removeUpload,
  storePart,
  storeUpload,
  uploadOf,
  type Upload,
} from './uploads.ts';
import { document } from './xml.ts';

export async function createUpload(
  { bucket, key, headers }: S3Request,
  { files, ids, clock }: DoorContext,
): Promise<Answer> {
  const stored = storedHeaders(headers);
  if (!(await files.bucketExists(bucket))) throw noSuchBucket();
  const checksum = checksumOf(headers);
  const upload: Upload = {
    id: ids.secret(24),
    bucket,
    key,
    ...stored,
    startedAt: clock.now(),
    ...(checksum === undefined ? {} : { checksum }),
  };
  await storeUpload(upload, files);
  return {
    status: 200,
    headers:
      checksum === undefined
        ? {}
        : { 'x-amz-checksum-algorithm': checksum.algorithm, 'x-amz-checksum-type': checksum.type },
    xml: document('InitiateMultipartUploadResult', { Bucket: bucket, Key: key, UploadId: upload.id }),
  };
}

function checksumOf(headers: S3Request['headers']): Upload['checksum'] {
  const name = headers['x-amz-checksum-algorithm'];
  if (name === undefined) return undefined;
  const algorithm = algorithmOf(name);
  const type = headers['x-amz-checksum-type'] ?? (algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE');
  const fits = type === 'COMPOSITE' ? algorithm !== 'CRC64NVME' : type === 'FULL_OBJECT' && algorithm.startsWith('CRC');
  if (!fits)
    throw invalidRequest(
      `The ${type} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
    );
  return { algorithm, type: type === 'COMPOSITE' ? 'COMPOSITE' : 'FULL_OBJECT' };
}

export async function uploadPart(request: S3Request, { files }: DoorContext): Promise<Answer> {
  const number = partNumber(request.query.get('partNumber'));
  const upload = await uploadOf(request, files);
  const { stream, checksums } = checkedBody(request);
  const part = await storePart(upload, number, stream, { checksums, byAdmin: isAdmin(request.caller) }, files);
  const { 'x-amz-checksum-type': _type, ...headers } = checksumHeaders(part);
  return { status: 200, headers: { etag: part.etag, ...headers } };
}

export async function copyPart(request: S3Request, context: DoorContext): Promise<Answer> {
  const number = partNumber(request.query.get('partNumber'));
  const upload = await uploadOf(request, context.files);
  const source = await copySource(request, context);
  const wanted = request.headers['x-amz-copy-source-range'];
  const range = rangeOf(wanted, source.info.size);
  if (wanted !== undefined && (range === undefined || !wanted.endsWith(`-${range.end}`)))
    throw invalidArgument(
      'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy',
    );
  const found = await context.files.get(source.bucket, source.key, range, source.version);
  if (found === undefined) throw noSuchKey();
  const { stream, ...sums } =
    upload.checksum === undefined ? { stream: found.body } : summed(found.body, upload.checksum.algorithm);
  const byAdmin = isAdmin(request.caller) && found.info.byAdmin === true;
  const part = await storePart(upload, number, stream, { ...sums, byAdmin }, context.files);
  const { ChecksumType: _type, ...checksums } = checksumsNode(part);
  return {
    status: 200,
    headers: {},
    xml: document('CopyPartResult', {
      LastModified: new Date(part.lastModified).toISOString(),
      ETag: part.etag,
      ...checksums,
    }),
  };
}

export async function abortUpload(request: S3Request, { files }: DoorContext): Promise<Answer> {
  const { id } = await uploadOf(request, files);
  await removeUpload(id, files);
  return { status: 204, headers: {} };
}

export async function listParts(request: S3Request, { files, account }: DoorContext): Promise<Answer> {
  const { bucket, key, query } = request;
  const upload = await uploadOf(request, files);
  const marker = query.get('part-number-marker') || '0';
  if (!/^\d{1,10}$/.test(marker))
    throw invalidArgument('Provided part-number-marker not an integer or within integer range');
  const limit = limitOf(query, 'max-parts');
  const { parts, more } = await partsOf(upload, Math.min(Number(marker), mostParts), Math.max(limit, 1), files);
  const shown = limit === 0 ? [] : parts;
  const xml = document('ListPartsResult', {
    Bucket: bucket,
    Key: encoder(query)(key),
    UploadId: upload.id,
    Owner: { ID: account },
    StorageClass: 'STANDARD',
    PartNumberMarker: marker,
    NextPartNumberMarker: shown.at(-1)?.number,
    MaxParts: limit,
    IsTruncated: limit > 0 && more,
    ChecksumAlgorithm: upload.checksum?.algorithm,
    ChecksumType: upload.checksum?.type,
    Part: shown.map((part) => {
      const { ChecksumType: _type, ...checksums } = checksumsNode(part);
      return {
        PartNumber: part.number,
        LastModified: new Date(part.lastModified).toISOString(),
        ETag: part.etag,
        Size: part.size,
        ...checksums,
      };
    }),
  });
  return { status: 200, headers: {}, xml };
}

export async function listUploads({ bucket, query }: S3Request, { files, account }: DoorContext): Promise<Answer> {
  if (query.get('delimiter')) throw notImplemented('A list of uploads by a delimiter');
  if (!(await files.bucketExists(bucket))) throw noSuchBucket();
  const encode = encoder(query);
  const prefix = query.get('prefix') ?? '';
  const keyMarker = query.get('key-marker') ?? '';
  const idMarker = query.get('upload-id-marker') ?? '';
  const limit = limitOf(query, 'max-uploads');
  const after = (upload: Upload): boolean =>
    order(upload.key, keyMarker) > 0 || (upload.key === keyMarker && idMarker !== '' && upload.id > idMarker);
  const all = (await allUploads(bucket, files))
    .filter((upload) => upload.key.startsWith(prefix) && after(upload))
    .sort((one, other) => order(one.key, other.key) || order(one.id, other.id));
  const shown = all.slice(0, limit);
  const truncated = limit > 0 && all.length > shown.length;
  const xml = document('ListMultipartUploadsResult', {
    Bucket: bucket,
    KeyMarker: encode(keyMarker),
    UploadIdMarker: idMarker,
    NextKeyMarker: truncated ? encode(shown.at(-1)!.key) : undefined,
    NextUploadIdMarker: truncated ? shown.at(-1)!.id : undefined,
    Prefix: encode(prefix),
    EncodingType: query.get('encoding-type'),
    MaxUploads: limit,
    IsTruncated: truncated,
    Upload: shown.map(({ id, key, startedAt, checksum }) => ({
      Key: encode(key),
      UploadId: id,
      Owner: { ID: account },
      StorageClass: 'STANDARD',
      Initiated: new Date(startedAt).toISOString(),
      ChecksumAlgorithm: checksum?.algorithm,
      ChecksumType: checksum?.type,
    })),
  });
  return { status: 200, headers: {}, xml };
}

/** S3's order: by UTF-8 bytes. */
function order(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}
