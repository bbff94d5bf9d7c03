/** Signature Version 4's canonical request and string to sign, from path and query exactly as they are sent. */
import crypto from 'node:crypto';

export const algorithm = 'AWS4-HMAC-SHA256';

/** SHA-256 of an empty body, in hex. */
export const emptyPayloadHash = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

export interface CanonicalRequest {
  readonly method: string;
  /** As sent, still encoded. */
  readonly path: string;
  /** As sent, without `?`. */
  readonly query: string;
  /**
   * Names in lower case; a repeated header is joined by `,`. One character for each byte that is sent, because a
   * signature is over the bytes.
   */
  readonly headers: Readonly<Record<string, string>>;
  /** Lower case, in the order in which they are signed. */
  readonly signedHeaders: readonly string[];
  /** Hex SHA-256 of the body, or one of S3's markers (`UNSIGNED-PAYLOAD`, `STREAMING-…`). */
  readonly payloadHash: string;
  /** S3 alone signs the path unchanged. Every other service normalizes it and encodes it once more. */
  readonly service: string;
}

/** The canonical request: one character for each byte. */
export function canonicalRequest(request: CanonicalRequest): string {
  let headers = '';
  for (const name of request.signedHeaders) {
    const value = Object.hasOwn(request.headers, name) ? request.headers[name] : undefined;
    headers += `${name}:${canonicalHeaderValue(value ?? '')}\n`;
  }
  const path = request.service === 's3' ? request.path : canonicalPath(request.path);
  return `${request.method}\n${path}\n${canonicalQuery(request.query)}\n${headers}\n${request.signedHeaders.join(';')}\n${request.payloadHash}`;
}

/** `20260102/us-east-1/ssm/aws4_request` */
export function scopeOf(day: string, region: string, service: string): string {
  return `${day}/${region}/${service}/aws4_request`;
}

/** @param date `20260102T030405Z` */
export function stringToSign(date: string, scope: string, canonical: string): string {
  return `${algorithm}\n${date}\n${scope}\n${sha256(bytesOf(canonical))}`;
}

/** Path and headers have one character for each byte that was sent. A text with other characters is never sent. */
function bytesOf(canonical: string): string | Uint8Array {
  return /[^\0-\x7f]/.test(canonical) ? Buffer.from(canonical, 'latin1') : canonical;
}

/** Node 20.12 introduced crypto.hash; agents run on any Node from 20 on. */
const oneStep: typeof crypto.hash | undefined = crypto.hash;

/** Lower-case hex. */
export function sha256(data: string | Uint8Array): string {
  return oneStep === undefined
    ? crypto.createHash('sha256').update(data).digest('hex')
    : oneStep('sha256', data, 'hex');
}

/** RFC 3986: all but unreserved characters become the upper-case hex of their UTF-8 bytes. */
export function uriEncode(text: string): string {
  if (/^[A-Za-z0-9_.~-]*$/.test(text)) return text;
  // A lone surrogate has no UTF-8 bytes, and encodeURIComponent throws on it.
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Percent-decodes; an invalid escape stays as it is. A `+` is a plus: SigV4 clients send a space as %20. */
export function uriDecode(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The pairs of a query, decoded, in their order. */
export function queryPairs(query: string): [name: string, value: string][] {
  if (query === '') return [];
  const pairs: [string, string][] = [];
  for (const part of query.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    pairs.push(
      equals < 0 ? [uriDecode(part), ''] : [uriDecode(part.slice(0, equals)), uriDecode(part.slice(equals + 1))],
    );
  }
  return pairs;
}

/** The pairs sorted by encoded name, then value. A presigned URL's signature does not sign itself. */
export function canonicalQuery(query: string): string {
  if (query === '') return '';
  const pairs: [string, string][] = [];
  for (const [name, value] of queryPairs(query))
    if (name !== 'X-Amz-Signature') pairs.push([uriEncode(name), uriEncode(value)]);
  pairs.sort(([name, value], [otherName, otherValue]) =>
    name === otherName ? order(value, otherValue) : order(name, otherName),
  );
  return pairs.map(([name, value]) => `${name}=${value}`).join('&');
}

function order(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** The path without empty and dot segments (RFC 3986 §6), encoded once more. */
function canonicalPath(path: string): string {
  if (path === '/' || path === '') return '/';
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment === '..') segments.pop();
    else segments.push(uriEncode(segment));
  }
  const trailing = segments.length > 0 && path.endsWith('/') ? '/' : '';
  return `/${segments.join('/')}${trailing}`;
}

function canonicalHeaderValue(value: string): string {
  const trimmed = withoutBlanksAround(value);
  return trimmed.includes('  ') ? trimmed.replace(/ {2,}/g, ' ') : trimmed;
}

/** String.trim() would also remove byte A0, which is the last byte of `à` in UTF-8. */
function withoutBlanksAround(value: string): string {
  let start = 0;
  let end = value.length;
  while (start < end && isBlank(value.charCodeAt(start))) start++;
  while (end > start && isBlank(value.charCodeAt(end - 1))) end--;
  return value.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}
