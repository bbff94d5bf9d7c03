/**
 * Multipart uploads, stored as objects of a bucket that cannot be reached from outside: a description, with the parts
 * beside it.
 */
import type { FileInfo } from '../../core/files.ts';
import type { ChecksumAlgorithm } from './checksums.ts';
import { invalidArgument, noSuchUpload } from './errors.ts';
import type { ObjectStore, StoreObject } from './object-store.ts';
import type { S3Request } from './s3-request.ts';

/** No bucket's name begins with a dot. */
const partsBucket = '.multipart';

export const mostParts = 10_000;

export interface Upload extends Pick<StoreObject, 'contentType' | 'headers' | 'metadata' | 'tags'> {
  readonly id: string;
  readonly bucket: string;
  readonly key: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly checksum?: { readonly algorithm: ChecksumAlgorithm; readonly type: 'COMPOSITE' | 'FULL_OBJECT' };
}

export interface Part extends FileInfo {
  readonly number: number;
}

const uploadKey = (id: string): string => `${id}/upload`;
const partKey = (id: string, number: number): string => `${id}/part-${String(number).padStart(5, '0')}`;

export async function storeUpload(upload: Upload, files: ObjectStore): Promise<void> {
  await files.createBucket(partsBucket);
  await files.put(partsBucket, uploadKey(upload.id), Buffer.from(JSON.stringify(upload)));
}

/** The upload that a request names; it must belong to the same bucket and key. @throws S3Error NoSuchUpload */
export async function uploadOf({ bucket, key, query }: S3Request, files: ObjectStore): Promise<Upload> {
  const upload = await readUpload(query.get('uploadId') ?? '', files);
  if (upload?.bucket !== bucket || upload.key !== key) throw noSuchUpload();
  return upload;
}

/** All uploads of a bucket. Those of other buckets are skipped: on one machine few run at a time. */
export async function allUploads(bucket: string, files: ObjectStore): Promise<Upload[]> {
  const uploads: Upload[] = [];
  if (!(await files.bucketExists(partsBucket))) return uploads;
  let startAfter: string | undefined;
  do {
    const page = await files.list(partsBucket, { delimiter: '/', startAfter });
    for (const folder of page.prefixes) {
      const upload = await readUpload(folder.slice(0, -1), files);
      if (upload?.bucket === bucket) uploads.push(upload);
    }
    startAfter = page.next;
  } while (startAfter !== undefined);
  return uploads;
}

async function readUpload(id: string, files: ObjectStore): Promise<Upload | undefined> {
  if (!/^[\w-]{16,64}$/.test(id) || !(await files.bucketExists(partsBucket))) return undefined;
  const found = await files.get(partsBucket, uploadKey(id));
  return found === undefined ? undefined : (JSON.parse(Buffer.concat(await found.body.toArray()).toString()) as Upload);
}

/** Stores a part; it replaces one with the same number. */
export async function storePart(
  { id }: Upload,
  number: number,
  body: Parameters<ObjectStore['put']>[2],
  options: StoreObject,
  files: ObjectStore,
): Promise<Part> {
  return { ...(await files.put(partsBucket, partKey(id, number), body, options)), number };
}

/** Parts ordered by number, after a given one. */
export async function listParts(
  { id }: Upload,
  after: number,
  limit: number,
  files: ObjectStore,
): Promise<{ readonly parts: readonly Part[]; readonly more: boolean }> {
  const page = await files.list(partsBucket, { prefix: `${id}/part-`, startAfter: partKey(id, after), limit });
  return {
    parts: page.files.map((file) => ({ ...file, number: Number(file.key.slice(-5)) })),
    more: page.next !== undefined,
  };
}

export async function allParts(upload: Upload, files: ObjectStore): Promise<ReadonlyMap<number, Part>> {
  const all = new Map<number, Part>();
  for (let after = 0, more = true; more;) {
    const page = await listParts(upload, after, 1000, files);
    for (const part of page.parts) all.set((after = part.number), part);
    more = page.more;
  }
  return all;
}

/** The content of a part. */
export async function readPart(part: Part, files: ObjectStore): Promise<AsyncIterable<Buffer>> {
  const found = await files.get(partsBucket, part.key);
  if (found === undefined) throw noSuchUpload();
  return found.body as AsyncIterable<Buffer>;
}

/** Joins the parts to the object. */
export async function joinParts(
  upload: Upload,
  parts: readonly Part[],
  options: Parameters<ObjectStore['join']>[3],
  files: ObjectStore,
): ReturnType<ObjectStore['join']> {
  const { bucket, key, contentType, headers, metadata, tags } = upload;
  return files.join(
    bucket,
    key,
    { bucket: partsBucket, keys: parts.map((part) => part.key) },
    { contentType, headers, metadata, tags, ...options },
  );
}

/** The description is removed last, so that an interrupted removal can be repeated. */
export async function removeUpload(id: string, files: ObjectStore): Promise<void> {
  for (;;) {
    const page = await files.list(partsBucket, { prefix: `${id}/part-` });
    for (const file of page.files) await files.delete(partsBucket, file.key);
    if (page.next === undefined) break;
  }
  await files.delete(partsBucket, uploadKey(id));
}

/** @throws S3Error InvalidArgument */
export function partNumber(text: string | undefined): number {
  const number = /^\d{1,5}$/.test(text ?? '') ? Number(text) : 0;
  if (number < 1 || number > mostParts)
    throw invalidArgument(`Part number must be an integer between 1 and ${mostParts}, inclusive`);
  return number;
}
