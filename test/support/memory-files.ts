/** Objects that live as long as a test: for code whose concern is not how they are kept. */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { FilePreconditionFailed, type FileInfo, type Files, type PutFileOptions } from '../../core/files.ts';

/** Any bucket exists. Pages, ranges and URLs are for tests of the real adapters. */
export class MemoryFiles implements Pick<Files, 'put' | 'get' | 'head' | 'delete'> {
  readonly #objects = new Map<string, { readonly info: FileInfo; readonly bytes: Buffer }>();

  async put(bucket: string, key: string, body: Uint8Array | Readable, options: PutFileOptions = {}): Promise<FileInfo> {
    const place = `${bucket}/${key}`;
    if (options.ifNoneMatch === '*' && this.#objects.has(place)) throw new FilePreconditionFailed();
    const bytes = body instanceof Readable ? Buffer.concat(await body.toArray()) : Buffer.from(body);
    const info: FileInfo = { key, size: bytes.length, etag: `"${createHash('md5').update(bytes).digest('hex')}"`, lastModified: 0, ...(options.contentType === undefined ? {} : { contentType: options.contentType }) };
    this.#objects.set(place, { info, bytes });
    return info;
  }

  async get(bucket: string, key: string): Promise<{ readonly info: FileInfo; readonly body: Readable } | undefined> {
    const object = this.#objects.get(`${bucket}/${key}`);
    return object === undefined ? undefined : { info: object.info, body: Readable.from([object.bytes]) };
  }

  async head(bucket: string, key: string): Promise<FileInfo | undefined> {
    return this.#objects.get(`${bucket}/${key}`)?.info;
  }

  async delete(bucket: string, key: string): Promise<void> {
    this.#objects.delete(`${bucket}/${key}`);
  }

  /** An object as text; `undefined` when there is none. */
  text(bucket: string, key: string): string | undefined {
    return this.#objects.get(`${bucket}/${key}`)?.bytes.toString();
  }

  /** All keys of a bucket, sorted. */
  keys(bucket: string): string[] {
    return [...this.#objects.keys()].filter((place) => place.startsWith(`${bucket}/`)).map((place) => place.slice(bucket.length + 1)).sort();
  }
}
