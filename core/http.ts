/** A request and a response, free of any server. Two thin adapters feed it: node:http and a Function URL. */
import type { Readable } from 'node:stream';

export interface HttpRequest {
  readonly method: string;
  /** The path exactly as received, still encoded: signatures are over these bytes. */
  readonly path: string;
  /** The query exactly as received, without `?`; empty when there is none. */
  readonly query: string;
  /**
   * Names in lower case; a repeated header joined by `,`. A value holds one character for each byte that was sent, as
   * Node gives it (Latin-1): signatures are over these bytes. {@link headerToText} reads one as text.
   * Without a prototype: names come from anybody.
   */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** The peer's address, for the audit record. */
  readonly sourceIp: string;
  /**
   * Whether the peer is a process on the service's own machine that runs as root or as the service's own user. The
   * kernel says so, not the peer. Absent where the service has no machine of its own.
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

/** A text as a header holds it: one character for each byte of its UTF-8. */
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

/** An answer that is an object of Files: a server sends it on, a Lambda function sends its caller there. */
export class StoredFile {
  readonly bucket: string;
  readonly key: string;

  constructor(bucket: string, key: string) {
    this.bucket = bucket;
    this.key = key;
  }
}

/** What an extension may answer: a stream, where a server can send one, and a stored file anywhere. */
export type ExtensionResponse = HttpResponse<string | Uint8Array | Readable | StoredFile>;
