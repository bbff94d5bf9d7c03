/** Signs requests: used by the agent, the command line and presigned URLs. */
import {
  algorithm,
  canonicalRequest,
  queryPairs,
  scopeOf,
  sha256,
  stringToSign,
  uriEncode,
} from './canonical-request.ts';
import { amzDate } from './dates.ts';
import { signature, signingKey } from './signing-key.ts';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

interface Scope {
  readonly credentials: Credentials;
  readonly region: string;
  /** The signing name: `ssm`, `s3`, `appconfig` (also for appconfigdata). */
  readonly service: string;
  /** Default: now, by the machine's clock. */
  readonly date?: Date;
}

export interface SignRequest extends Scope {
  readonly method: string;
  /** Path and query must be encoded already, exactly as they are sent. */
  readonly url: URL | string;
  /** All of them are signed. Names may have any case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Instead of the body: its SHA-256 in hex, or one of S3's markers. */
  readonly payloadHash?: string;
}

/**
 * The headers to send: the given ones (in lower case), host, x-amz-date, x-amz-content-sha256, authorization, and
 * x-amz-security-token for temporary credentials.
 */
export function signRequest(request: SignRequest): Record<string, string> {
  const url = new URL(request.url);
  const date = amzDate((request.date ?? new Date()).getTime());
  const payloadHash = request.payloadHash ?? sha256(request.body ?? '');
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers ?? {})) headers[name.toLowerCase()] = value;
  headers['host'] = url.host;
  headers['x-amz-date'] = date;
  headers['x-amz-content-sha256'] = payloadHash;
  if (request.credentials.sessionToken !== undefined)
    headers['x-amz-security-token'] = request.credentials.sessionToken;
  const signedHeaders = Object.keys(headers).sort();
  const canonical = canonicalRequest({
    method: request.method,
    path: url.pathname,
    query: url.search.slice(1),
    headers,
    signedHeaders,
    payloadHash,
    service: request.service,
  });
  const { scope, sign } = signer(request, date);
  headers['authorization'] =
    `${algorithm} Credential=${request.credentials.accessKeyId}/${scope}, SignedHeaders=${signedHeaders.join(';')}, Signature=${sign(canonical)}`;
  return headers;
}

export interface PresignUrl extends Scope {
  readonly method: string;
  readonly url: URL | string;
  /** Seconds, 1–604,800. */
  readonly expiresIn: number;
  /** Headers that the user of the URL must send unchanged; host is always one of them. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: `UNSIGNED-PAYLOAD` for s3, the hash of an empty body for other services. */
  readonly payloadHash?: string;
}

/** A URL that carries its own signature. */
export function presignUrl(request: PresignUrl): string {
  const url = new URL(request.url);
  const date = amzDate((request.date ?? new Date()).getTime());
  const { scope, sign } = signer(request, date);
  const headers: Record<string, string> = { host: url.host };
  for (const [name, value] of Object.entries(request.headers ?? {})) headers[name.toLowerCase()] = value;
  const signedHeaders = Object.keys(headers).sort();
  const pairs: [string, string][] = [
    ...queryPairs(url.search.slice(1)),
    ['X-Amz-Algorithm', algorithm],
    ['X-Amz-Credential', `${request.credentials.accessKeyId}/${scope}`],
    ['X-Amz-Date', date],
    ['X-Amz-Expires', String(request.expiresIn)],
    ['X-Amz-SignedHeaders', signedHeaders.join(';')],
    ...(request.credentials.sessionToken === undefined
      ? []
      : [['X-Amz-Security-Token', request.credentials.sessionToken] as [string, string]]),
  ];
  const query = pairs.map(([name, value]) => `${uriEncode(name)}=${uriEncode(value)}`).join('&');
  const payloadHash = request.payloadHash ?? (request.service === 's3' ? 'UNSIGNED-PAYLOAD' : sha256(''));
  const canonical = canonicalRequest({
    method: request.method,
    path: url.pathname,
    query,
    headers,
    signedHeaders,
    payloadHash,
    service: request.service,
  });
  return `${url.origin}${url.pathname}?${query}&X-Amz-Signature=${sign(canonical)}`;
}

function signer(
  { credentials, region, service }: Scope,
  date: string,
): { scope: string; sign: (canonical: string) => string } {
  const day = date.slice(0, 8);
  const scope = scopeOf(day, region, service);
  const key = signingKey(credentials.secretAccessKey, day, region, service);
  return { scope, sign: (canonical) => signature(key, stringToSign(date, scope, canonical)) };
}
