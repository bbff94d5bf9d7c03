/** A request and a response, free of any server. Two thin adapters feed it: node:http and a Function URL. */
import type { Readable } from 'node:stream';

export interface HttpRequest {
  readonly method: string;
  /** The path exactly as received, still encoded: signatures are over these bytes. */
  readonly path: string;
  /** The query exactly as received, without `?`; empty when there is none. */
  readonly query: string;
  /** Names in lower case; a repeated header joined by `,`. */
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
