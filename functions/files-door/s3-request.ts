/** A request of S3's: which bucket, which key, whose. */
import type { IncomingMessage } from 'node:http';
import type { Caller } from '../../core/caller.ts';
import type { HttpRequest } from '../../core/http.ts';
import { queryPairs, uriDecode } from '../../core/sigv4/canonical-request.ts';
import type { ChunkSigning } from './chunked-body.ts';
import { S3Error } from './errors.ts';

/** How the body is vouched for. */
export type Payload =
  /** Hex SHA-256 of the whole. */
  | { readonly kind: 'hashed'; readonly sha256: string }
  | { readonly kind: 'unsigned' }
  | { readonly kind: 'chunked'; readonly signing: ChunkSigning | undefined };

export interface S3Request {
  readonly method: string;
  /** Empty: the service itself. */
  readonly bucket: string;
  /** Decoded; empty: the bucket itself. */
  readonly key: string;
  readonly query: ReadonlyMap<string, string>;
  readonly headers: HttpRequest['headers'];
  readonly caller: Caller;
  readonly payload: Payload;
  readonly incoming: IncomingMessage;
  readonly requestId: string;
  /** The request's own path, for errors. */
  readonly resource: string;
}

/** A bucket's name of its own in the host: `bucket.localhost`, `bucket.s3.example`. */
export function bucketOfHost(host: string | undefined, serviceHosts: readonly string[]): string | undefined {
  const name = (host ?? '').toLowerCase().replace(/:\d+$/, '');
  for (const service of serviceHosts) if (name.endsWith(`.${service}`)) return name.slice(0, -service.length - 1) || undefined;
  return undefined;
}

/**
 * Bucket and key of a path, still encoded.
 * @param hosted the bucket that the host names
 */
export function locate(path: string, hosted: string | undefined): { readonly bucket: string; readonly key: string } {
  const rest = path.replace(/^\//, '');
  if (hosted !== undefined) return { bucket: hosted, key: decodeKey(rest) };
  const slash = rest.indexOf('/');
  return slash < 0 ? { bucket: uriDecode(rest), key: '' } : { bucket: uriDecode(rest.slice(0, slash)), key: decodeKey(rest.slice(slash + 1)) };
}

const longestKey = 1024;

/** @throws S3Error for a key that S3 cannot hold */
export function decodeKey(encoded: string): string {
  const key = uriDecode(encoded);
  if (Buffer.byteLength(key) > longestKey) throw new S3Error('KeyTooLongError', 400, 'Your key is too long');
  return key;
}

/** Of the same name the first counts. */
export function queryMap(query: string): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  for (const [name, value] of queryPairs(query)) if (!map.has(name)) map.set(name, value);
  return map;
}
