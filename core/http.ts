/** A request and a response, independent of any server. Two thin adapters make them: node:http and a Function URL. */
import type { Readable } from 'node:stream';

export interface HttpRequest {
  readonly method: string;
  /** The path exactly as received, still encoded: signatures are over these bytes. */
  readonly path: string;
  /** The query exactly as received, without `?`; empty when there is none. */
  readonly query: string;
  /**
   * Names in lower case; a repeated header is joined by `,`. A value has one character for each byte that was sent, as
   * Node gives it (Latin-1), because signatures are over these bytes. {@link headerToText} reads a value as text. The
   * object has no prototype, because callers choose the names.
   */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** The peer's address, for the audit record. */
  readonly sourceIp: string;
  /**
   * Whether the peer is a process on the service's own machine that runs as root or as the service's own user. The
   * answer comes from the kernel, not from the peer. Absent where the service has no machine of its own.
   */
  readonly fromServiceMachine?: (() => Promise<boolean>) | undefined;
}

/**
 * The text of a header whose sender wrote UTF-8, as all of AWS's clients do.
 * @param value one character for each byte
 * @example headerToText('k=\u00c3\u00a9') // 'k=\u00e9'
 */
export function headerToText(value: string): string {
  return isAscii(value) ? value : Buffer.from(value, 'latin1').toString('utf8');
}

/** The reverse of {@link headerToText}: one character for each byte of the text's UTF-8. */
export function textToHeader(text: string): string {
  return isAscii(text) ? text : Buffer.from(text, 'utf8').toString('latin1');
}

function isAscii(text: string): boolean {
  return !/[^\0-\x7f]/.test(text);
}

export interface HttpResponse<Body = string | Uint8Array> {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Body;
}

/** An answer whose body is an object of Files. A server streams it; a Lambda function redirects the caller to S3. */
export class StoredFile {
  readonly bucket: string;
  readonly key: string;

  constructor(bucket: string, key: string) {
    this.bucket = bucket;
    this.key = key;
  }
}

/** The response of an extension: a stream, where a server can send one, or a stored file. */
export type ExtensionResponse = HttpResponse<string | Uint8Array | Readable | StoredFile>;
