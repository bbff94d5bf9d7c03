/**
 * A request's body, checked while it streams: length, hash, MD5, checksums. The stream fails before its end when one is
 * wrong.
 */
import { createHash, type Hash } from 'node:crypto';
import { Transform, type TransformCallback, type Readable } from 'node:stream';
import {
  algorithmOfHeader,
  checksumLength,
  headerOf,
  isBase64Of,
  newChecksum,
  type Checksum,
  type ChecksumAlgorithm,
} from './checksums.ts';
import { ChunkedBody } from './chunked-body.ts';
import { badDigest, incompleteBody, invalidArgument, invalidRequest, malformedXml, S3Error } from './errors.ts';
import type { S3Request } from './s3-request.ts';

/** XML bodies are lists of at most 1,000 keys or 10,000 parts. */
const longestXml = 4 * 1024 * 1024;

/** The largest object that one request can store. */
const longestObject = 5 * 1024 ** 3;

export interface CheckedBody {
  readonly stream: Readable;
  /** The client's checksums that were found to be right, after the end of the stream. */
  readonly checksums: () => Readonly<Partial<Record<ChecksumAlgorithm, string>>>;
}

/**
 * The content of a request. A failed check is an error of the stream.
 * @throws S3Error MissingContentLength, EntityTooLarge, InvalidDigest, InvalidRequest: for what the headers alone show
 */
export function checkedBody(request: Pick<S3Request, 'headers' | 'payload' | 'incoming'>): CheckedBody {
  const { headers, payload, incoming } = request;
  const length = lengthOf(headers, payload.kind === 'chunked');
  const chunked = payload.kind === 'chunked' ? new ChunkedBody(payload.signing) : undefined;
  const declared = Object.entries(headers).flatMap(([name, value]) => {
    const algorithm = algorithmOfHeader(name);
    return algorithm === undefined ? [] : [{ algorithm, value }];
  });
  for (const { algorithm, value } of declared)
    if (!isBase64Of(value, checksumLength[algorithm]))
      throw invalidRequest(`Value for ${headerOf(algorithm)} header is invalid.`);
  const md5 = headers['content-md5'];
  if (md5 !== undefined && !isBase64Of(md5, 16))
    throw new S3Error('InvalidDigest', 400, 'The Content-MD5 you specified was invalid.');
  const trailing = (headers['x-amz-trailer'] ?? '')
    .split(',')
    .flatMap((name) => algorithmOfHeader(name.trim().toLowerCase()) ?? []);
  const check = new Check({
    sha256: payload.kind === 'hashed' ? payload.sha256 : undefined,
    md5,
    length,
    checksums: [...declared, ...trailing.map((algorithm) => ({ algorithm, value: undefined }))],
    trailers: chunked?.trailers,
  });
  // A small body may fail before anybody reads it; its later reader gets the error.
  check.on('error', () => undefined);
  const fail = (error: Error): void => void check.destroy(error);
  incoming.once('error', fail);
  incoming.once('aborted', () => fail(new S3Error('RequestTimeout', 400, 'The client went away.')));
  if (chunked === undefined) incoming.pipe(check);
  else incoming.pipe(chunked).once('error', fail).pipe(check);
  return { stream: check, checksums: () => check.found };
}

/** The whole of a small body. @throws S3Error MalformedXML when it is too long */
export async function readText(request: Pick<S3Request, 'headers' | 'payload' | 'incoming'>): Promise<string> {
  // A request without these headers has no body.
  if (request.headers['content-length'] === undefined && request.headers['transfer-encoding'] === undefined) return '';
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of checkedBody(request).stream as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > longestXml) throw malformedXml();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function lengthOf(headers: S3Request['headers'], chunked: boolean): number | undefined {
  const text = chunked ? headers['x-amz-decoded-content-length'] : headers['content-length'];
  if (text === undefined) {
    // Without a length, HTTP's own chunks mark the end of the body.
    if (headers['transfer-encoding'] !== undefined && !chunked) return undefined;
    throw new S3Error('MissingContentLength', 411, 'You must provide the Content-Length HTTP header.');
  }
  if (!/^\d{1,15}$/.test(text)) throw invalidArgument('The length of the content is not a number.');
  if (Number(text) > longestObject)
    throw new S3Error('EntityTooLarge', 400, 'Your proposed upload exceeds the maximum allowed size', {
      ProposedSize: text,
      MaxSizeAllowed: String(longestObject),
    });
  return Number(text);
}

interface Expected {
  readonly sha256: string | undefined;
  readonly md5: string | undefined;
  readonly length: number | undefined;
  /** Without `value` the checksum comes as a trailer. */
  readonly checksums: readonly { readonly algorithm: ChecksumAlgorithm; readonly value: string | undefined }[];
  readonly trailers: Readonly<Record<string, string>> | undefined;
}

class Check extends Transform {
  readonly found: Partial<Record<ChecksumAlgorithm, string>> = {};
  readonly #expected: Expected;
  readonly #sha256: Hash | undefined;
  readonly #md5: Hash | undefined;
  readonly #checksums: readonly Checksum[];
  #length = 0;

  constructor(expected: Expected) {
    super();
    this.#expected = expected;
    this.#sha256 = expected.sha256 === undefined ? undefined : createHash('sha256');
    this.#md5 = expected.md5 === undefined ? undefined : createHash('md5');
    this.#checksums = expected.checksums.map(({ algorithm }) => newChecksum(algorithm));
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, callback: TransformCallback): void {
    this.#length += chunk.length;
    if (this.#length > (this.#expected.length ?? longestObject)) return callback(incompleteBody());
    this.#sha256?.update(chunk);
    this.#md5?.update(chunk);
    for (const checksum of this.#checksums) checksum.update(chunk);
    callback(null, chunk);
  }

  override _flush(callback: TransformCallback): void {
    callback(this.#fault() ?? null);
  }

  #fault(): Error | undefined {
    const { sha256, md5, length, checksums, trailers } = this.#expected;
    if (length !== undefined && length !== this.#length) return incompleteBody();
    if (this.#sha256 !== undefined && this.#sha256.digest('hex') !== sha256)
      return new S3Error(
        'XAmzContentSHA256Mismatch',
        400,
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
      );
    if (this.#md5 !== undefined && this.#md5.digest('base64') !== md5) return badDigest('Content-MD5');
    for (const [index, { algorithm, value }] of checksums.entries()) {
      const claimed = value ?? trailers?.[headerOf(algorithm)];
      if (claimed === undefined) return invalidRequest(`The trailer ${headerOf(algorithm)} is absent.`);
      const computed = this.#checksums[index]!.digest();
      if (computed !== claimed) return badDigest(algorithm);
      this.found[algorithm] = computed;
    }
    return undefined;
  }
}
