/**
 * The bytes of objects: files with random names, written once and never changed. Nobody sees a file before a row of the
 * index names it, so it needs no temporary name. A file that no row names is removed.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, fsync, mkdirSync, openSync, closeSync } from 'node:fs';
import { open, opendir, rm } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import type { ByteRange } from '../../core/files.ts';

/** A part of an object. */
export interface Piece {
  readonly content: string;
  /** Bytes. */
  readonly size: number;
}

export interface WrittenContent extends Piece {
  /** MD5 in hex. */
  readonly md5: string;
}

const syncFolder = promisify(fsync);

export class Contents {
  readonly #folder: string;
  /** The folder itself, open for its fsync. */
  readonly #handle: number;
  /** Contents that are written, but that no row names yet. */
  readonly #underWay = new Set<string>();
  /** The number of streams that read each content. */
  readonly #readers = new Map<string, number>();
  /** The number of backups that need all contents. */
  #holds = 0;
  /** Contents to be removed after the last reader and the last backup. */
  readonly #doomed = new Set<string>();

  constructor(folder: string) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#folder = folder;
    this.#handle = openSync(folder, 'r');
  }

  /** Writes a body to the disk as a stream. Call {@link settled} when its row is committed, or {@link remove}. */
  async write(body: Uint8Array | Readable): Promise<WrittenContent> {
    const content = randomUUID();
    this.#underWay.add(content);
    const md5 = createHash('md5');
    let size = 0;
    try {
      const handle = await open(this.file(content), 'wx', 0o600);
      try {
        for await (const chunk of body instanceof Readable ? (body as AsyncIterable<Buffer>) : [body]) {
          md5.update(chunk);
          size += chunk.length;
          // Unlike write(), writeFile() writes all bytes.
          await handle.writeFile(chunk);
        }
        await handle.datasync();
      } finally {
        await handle.close();
      }
      await syncFolder(this.#handle);
    } catch (error) {
      if (body instanceof Readable) body.destroy();
      await this.remove([content]);
      throw error;
    }
    return { content, size, md5: md5.digest('hex') };
  }

  /** Call it when a row names the content. */
  settled(content: string): void {
    this.#underWay.delete(content);
  }

  /** Removes contents that no row names any more. A content that is being read is removed afterwards. */
  async remove(contents: readonly string[]): Promise<void> {
    for (const content of contents) {
      this.#underWay.delete(content);
      if (this.#holds > 0 || this.#readers.has(content)) this.#doomed.add(content);
      else await rm(this.file(content), { force: true });
    }
  }

  /**
   * The bytes of an object. They stay until the stream is read or destroyed. Call it in the turn of the event loop in
   * which the pieces were read.
   */
  read(pieces: readonly Piece[], range?: ByteRange): Readable {
    const wanted = stretches(pieces, range);
    for (const { content } of wanted) this.#readers.set(content, (this.#readers.get(content) ?? 0) + 1);
    const [first] = wanted;
    const stream =
      first === undefined
        ? Readable.from([])
        : wanted.length === 1
          ? this.#stream(first)
          : Readable.from(this.#concatenated(wanted), { objectMode: false });
    stream.once('close', () => {
      for (const { content } of wanted) this.#release(content);
    });
    return stream;
  }

  /** Keeps all contents until it is released. @returns a function that releases them */
  hold(): () => void {
    this.#holds++;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#holds--;
      for (const content of [...this.#doomed]) this.#removeDoomed(content);
    };
  }

  /** Removes contents that a killed process left. */
  async removeOrphans(isNamed: (content: string) => boolean): Promise<void> {
    for await (const { name } of await opendir(this.#folder))
      if (!this.#underWay.has(name) && !isNamed(name)) await rm(this.file(name), { force: true });
  }

  close(): void {
    closeSync(this.#handle);
  }

  #stream({ content, start, end }: Stretch): Readable {
    return createReadStream(this.file(content), { start, end });
  }

  async *#concatenated(stretches: readonly Stretch[]): AsyncGenerator<Buffer> {
    for (const stretch of stretches) yield* this.#stream(stretch) as AsyncIterable<Buffer>;
  }

  #release(content: string): void {
    const left = (this.#readers.get(content) ?? 0) - 1;
    if (left > 0) return void this.#readers.set(content, left);
    this.#readers.delete(content);
    this.#removeDoomed(content);
  }

  #removeDoomed(content: string): void {
    if (this.#holds > 0 || this.#readers.has(content) || !this.#doomed.delete(content)) return;
    // A file that cannot be removed now is removed at the next start.
    rm(this.file(content), { force: true }).catch(() => undefined);
  }

  file(content: string): string {
    return path.join(this.#folder, content);
  }
}

interface Stretch extends ByteRange {
  readonly content: string;
}

/** Which part of each piece belongs to a range. */
export function stretches(
  pieces: readonly Piece[],
  { start, end }: ByteRange = { start: 0, end: Infinity },
): Stretch[] {
  const wanted: Stretch[] = [];
  let at = 0;
  for (const { content, size } of pieces) {
    const first = Math.max(start - at, 0);
    const last = Math.min(end - at, size - 1);
    if (first <= last) wanted.push({ content, start: first, end: last });
    at += size;
  }
  return wanted;
}
