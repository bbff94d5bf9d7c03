/**
 * `aws-chunked` bodies: `<size in hex>[;chunk-signature=…]\r\n<bytes>\r\n … 0[;…]\r\n[trailers]\r\n`. In a signed body
 * each chunk is signed together with the signature before it; so are the trailers.
 */
import { createHash, timingSafeEqual, type KeyObject } from 'node:crypto';
import { Transform, type TransformCallback } from 'node:stream';
import { emptyPayloadHash, sha256 } from '../../core/sigv4/canonical-request.ts';
import { signature } from '../../core/sigv4/signing-key.ts';
import { incompleteBody, invalidRequest, S3Error } from './errors.ts';

export interface ChunkSigning {
  readonly key: KeyObject;
  readonly date: string;
  readonly scope: string;
  /** The request's own signature. */
  readonly seed: string;
}

/** A longer line (chunk header, trailer) does not belong to this protocol. */
const longestLine = 8 * 1024;
const mostTrailers = 20;

type Part = 'header' | 'data' | 'after-data' | 'trailer' | 'end';

/** Reads the chunks and gives their content. `trailers` is set at the end. */
export class ChunkedBody extends Transform {
  readonly trailers = Object.create(null) as Record<string, string>;
  readonly #signing: ChunkSigning | undefined;
  #previous: string;
  #part: Part = 'header';
  #line = Buffer.alloc(0);
  #rest = 0;
  #claimed = '';
  #hash = createHash('sha256');
  #trailerText = '';
  #trailerLines = 0;

  /** @param signing absent: the chunks are not signed */
  constructor(signing: ChunkSigning | undefined) {
    super();
    this.#signing = signing;
    this.#previous = signing?.seed ?? '';
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, callback: TransformCallback): void {
    try {
      this.#read(chunk);
      callback();
    } catch (error) {
      callback(error as Error);
    }
  }

  override _flush(callback: TransformCallback): void {
    callback(this.#part === 'end' ? null : incompleteBody());
  }

  #read(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#part === 'end') return;
      if (this.#part === 'data') {
        const bytes = chunk.subarray(at, at + this.#rest);
        if (this.#signing !== undefined) this.#hash.update(bytes);
        this.push(bytes);
        at += bytes.length;
        this.#rest -= bytes.length;
        if (this.#rest === 0) {
          this.#checkChunk();
          this.#part = 'after-data';
        }
        continue;
      }
      const end = chunk.indexOf(0x0a, at);
      const piece = chunk.subarray(at, end < 0 ? chunk.length : end + 1);
      this.#line = this.#line.length === 0 ? Buffer.from(piece) : Buffer.concat([this.#line, piece]);
      if (this.#line.length > longestLine) throw invalidRequest('A line of the chunked body is too long.');
      at += piece.length;
      if (end < 0) return;
      const line = this.#line.toString('latin1').replace(/\r?\n$/, '');
      this.#line = Buffer.alloc(0);
      this.#takeLine(line);
    }
  }

  #takeLine(line: string): void {
    switch (this.#part) {
      case 'after-data':
        if (line !== '') throw invalidRequest('A chunk of the body is longer than it says.');
        this.#part = 'header';
        return;
      case 'header':
        return this.#takeHeader(line);
      case 'trailer':
        if (line === '') return this.#endTrailers();
        return this.#takeTrailer(line);
      case 'data':
      case 'end':
        throw new Error(`a line in the part ${this.#part} of a body`);
    }
  }

  #takeHeader(line: string): void {
    const match = /^([0-9a-fA-F]{1,12})(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(line.trim());
    if (match === null) throw invalidRequest('A chunk of the body has no size.');
    this.#rest = Number.parseInt(match[1]!, 16);
    this.#claimed = match[2] ?? '';
    if (this.#signing !== undefined && this.#claimed === '') throw invalidRequest('A chunk of the body is not signed.');
    this.#hash = createHash('sha256');
    if (this.#rest > 0) this.#part = 'data';
    else {
      this.#checkChunk();
      this.#part = 'trailer';
    }
  }

  #checkChunk(): void {
    if (this.#signing === undefined) return;
    const { key, date, scope } = this.#signing;
    this.#check(
      signature(
        key,
        ['AWS4-HMAC-SHA256-PAYLOAD', date, scope, this.#previous, emptyPayloadHash, this.#hash.digest('hex')].join(
          '\n',
        ),
      ),
      this.#claimed,
    );
  }

  #takeTrailer(line: string): void {
    const colon = line.indexOf(':');
    // Lines are counted instead of names: one name repeated many times would fill the memory.
    if (colon <= 0 || ++this.#trailerLines > mostTrailers)
      throw invalidRequest('A trailer of the body cannot be read.');
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    this.trailers[name] = value;
    if (name !== 'x-amz-trailer-signature') this.#trailerText += `${name}:${value}\n`;
  }

  #endTrailers(): void {
    this.#part = 'end';
    const claimed = this.trailers['x-amz-trailer-signature'];
    if (this.#signing === undefined || (claimed === undefined && this.#trailerText === '')) return;
    const { key, date, scope } = this.#signing;
    this.#check(
      signature(key, ['AWS4-HMAC-SHA256-TRAILER', date, scope, this.#previous, sha256(this.#trailerText)].join('\n')),
      claimed ?? '',
    );
  }

  #check(expected: string, claimed: string): void {
    // Both are hex of the same length, or `claimed` is empty.
    if (claimed.length !== expected.length || !timingSafeEqual(Buffer.from(expected), Buffer.from(claimed)))
      throw new S3Error('SignatureDoesNotMatch', 403, 'The signature of a chunk does not match.');
    this.#previous = expected;
  }
}
