/** Parses an S3 request: bucket, key and caller. */
import type { IncomingMessage } from 'node:http';
import type { Caller } from '../../core/caller.ts';
import type { Context } from '../../core/context.ts';
import type { HttpRequest } from '../../core/http.ts';
import { queryPairs } from '../../core/sigv4/canonical-request.ts';
import type { ChunkSigning } from './chunked-body.ts';
import { invalidArgument, invalidUri, S3Error } from './errors.ts';
import type { ObjectStore } from './object-store.ts';

/** The context of the S3 API's operations. */
export interface DoorContext extends Context {
  readonly files: ObjectStore;
}

/** How the body's integrity is proven. */
export type Payload =
  /** SHA-256 in hex of the whole body. */
  | { readonly kind: 'hashed'; readonly sha256: string }
  | { readonly kind: 'unsigned' }
  | { readonly kind: 'chunked'; readonly signing: ChunkSigning | undefined };

export interface S3Request {
  readonly method: string;
  /** Empty for requests to the service itself. */
  readonly bucket: string;
  /** Decoded; empty for requests to the bucket itself. */
  readonly key: string;
  /** `versionId` of the query. */
  readonly version: string | undefined;
  readonly query: ReadonlyMap<string, string>;
  readonly headers: HttpRequest['headers'];
  readonly caller: Caller;
  readonly payload: Payload;
  readonly incoming: IncomingMessage;
  /** As received, without its body, for the audit trail. */
  readonly received: HttpRequest;
  readonly requestId: string;
}

/**
 * The bucket in a host name: `bucket.localhost`, `bucket.s3.us-east-1.localhost`.
 * @param hosts the names of the S3 API itself, in lower case
 */
export function bucketOfHost(host: string | undefined, hosts: readonly string[], region: string): string | undefined {
  if (host === undefined) return undefined;
  const name = host.toLowerCase().replace(/:\d+$/, '');
  for (const own of hosts.flatMap((one) => [`s3.${region}.${one}`, `s3.${one}`, one])) {
    if (name === own) return undefined;
    if (name.endsWith(`.${own}`)) return name.slice(0, -own.length - 1);
  }
  return undefined;
}

/**
 * The bucket and key in a path, still encoded.
 * @param hosted the bucket that the host names
 * @throws S3Error InvalidURI, KeyTooLongError
 */
export function locate(path: string, hosted: string | undefined): { readonly bucket: string; readonly key: string } {
  const rest = path.replace(/^\//, '');
  if (hosted !== undefined) return { bucket: hosted, key: checkedKey(decoded(rest)) };
  const slash = rest.indexOf('/');
  return slash < 0
    ? { bucket: decoded(rest), key: '' }
    : { bucket: decoded(rest.slice(0, slash)), key: checkedKey(decoded(rest.slice(slash + 1))) };
}

/**
 * Decodes a name. Bytes that are not UTF-8 are refused, because otherwise two URLs would mean one object.
 * @throws S3Error InvalidURI
 */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalidUri();
  }
}

const longestKey = 1024;

/** @throws S3Error KeyTooLongError */
export function checkedKey(key: string): string {
  if (Buffer.byteLength(key) > longestKey) throw new S3Error('KeyTooLongError', 400, 'Your key is too long');
  return key;
}

/**
 * The version that a request names. It is returned in a header, so its form is checked.
 * @throws S3Error InvalidArgument
 */
export function versionOf(query: S3Request['query']): string | undefined {
  const version = query.get('versionId');
  if (version !== undefined && !/^[\w.~-]{1,1024}$/.test(version))
    throw invalidArgument('Invalid version id specified');
  return version;
}

/** When a name is repeated, the first value counts. */
export function queryMap(query: string): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  for (const [name, value] of queryPairs(query)) if (!map.has(name)) map.set(name, value);
  return map;
}

/**
 * How many entries of a list are requested, at most 1,000.
 * @throws S3Error InvalidArgument
 */
export function limitOf(query: S3Request['query'], name: string): number {
  const text = query.get(name);
  if (text === undefined || text === '') return 1000;
  if (!/^\d{1,10}$/.test(text)) throw invalidArgument(`Provided ${name} not an integer or within integer range`);
  return Math.min(Number(text), 1000);
}
