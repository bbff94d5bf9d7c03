/** A request and a response, free of any server. Two thin adapters feed it: node:http and a Function URL. */
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
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}
