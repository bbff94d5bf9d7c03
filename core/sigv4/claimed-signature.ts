/** Reads what a request says about its own signature, in its headers or its query. */
import { LRUCache } from 'lru-cache';
import type { HttpRequest } from '../http.ts';
import { algorithm, queryPairs } from './canonical-request.ts';
import { amzDate, parseAmzDate } from './dates.ts';
import { SignatureError } from './signature-error.ts';

export interface ClaimedSignature {
  /** `query`: a presigned URL. */
  readonly kind: 'header' | 'query';
  readonly accessKeyId: string;
  /** `20260102/us-east-1/ssm/aws4_request` */
  readonly scope: string;
  /** `20260102` */
  readonly day: string;
  readonly region: string;
  readonly service: string;
  /** Lower case, as listed. */
  readonly signedHeaders: readonly string[];
  /** Hex. */
  readonly signature: string;
  /** `20260102T030405Z` */
  readonly date: string;
  /** Epoch milliseconds. */
  readonly signedAt: number;
  /** Seconds; only for presigned URLs. */
  readonly expiresIn?: number;
  readonly sessionToken?: string | undefined;
}

type SignedRequest = Pick<HttpRequest, 'headers' | 'query'>;

/** The longest life of a presigned URL, in seconds: a week. */
const longestExpiry = 604_800;

/** The service that a request is signed for, by which the front door routes. Nothing is verified. */
export function claimedService(request: SignedRequest): string | undefined {
  const header = request.headers['authorization'];
  if (header !== undefined) {
    const start = header.indexOf('Credential=');
    return start < 0 ? undefined : header.slice(start).split(/[,\s]/, 1)[0]?.split('/', 4)[3];
  }
  if (!request.query.includes('X-Amz-Credential=')) return undefined;
  return queryPairs(request.query)
    .find(([name]) => name === 'X-Amz-Credential')?.[1]
    .split('/')[3];
}

/**
 * Reads the claim without verifying it.
 * @throws SignatureError missing, incomplete
 */
export function claimedSignature(request: SignedRequest): ClaimedSignature {
  const header = request.headers['authorization'];
  const inQuery = request.query.includes('X-Amz-Algorithm=');
  if (header !== undefined) {
    if (inQuery)
      throw new SignatureError(
        'incomplete',
        "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
      );
    if (header.startsWith(`${algorithm} `)) return fromHeader(header, request.headers);
  } else if (inQuery) return fromQuery(new Map(queryPairs(request.query)));
  throw new SignatureError('missing', 'Missing Authentication Token');
}

/** The part of a client's Authorization header that stays the same all day. */
type Standing = Pick<ClaimedSignature, 'accessKeyId' | 'scope' | 'day' | 'region' | 'service' | 'signedHeaders'>;

/** Keyed by the header's text before the signature, which each client repeats all day. */
const standing = new LRUCache<string, Standing>({ max: 1024 });
const signatureMember = 'Signature=';
const longestStanding = 1024;

function fromHeader(header: string, headers: HttpRequest['headers']): ClaimedSignature {
  const written = headers['x-amz-date'] ?? headers['date'];
  const at = header.lastIndexOf(signatureMember);
  const before = header.slice(0, at);
  const known = written === undefined || at < 0 ? undefined : standing.get(before);
  if (known !== undefined && /^[0-9a-f]{64}$/.test(header.slice(at + signatureMember.length)))
    return {
      kind: 'header',
      ...known,
      ...moment(written!),
      signature: header.slice(at + signatureMember.length),
      sessionToken: headers['x-amz-security-token'],
    };
  const { credential, signedHeaders, signature } = membersOf(header);
  if (!credential || !signature || !signedHeaders || !written) {
    let message = '';
    if (!credential) message += "Authorization header requires 'Credential' parameter. ";
    if (!signature) message += "Authorization header requires 'Signature' parameter. ";
    if (!signedHeaders) message += "Authorization header requires 'SignedHeaders' parameter. ";
    if (!written) message += "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ";
    throw new SignatureError('incomplete', `${message}Authorization=${header}`);
  }
  const parts: Standing = { ...credentialParts(credential), signedHeaders: signedHeaders.toLowerCase().split(';') };
  // Only where the signature is the last member does all the rest come before it.
  if (header.endsWith(signatureMember + signature) && before.length <= longestStanding) standing.set(before, parts);
  return { kind: 'header', ...parts, ...moment(written), signature, sessionToken: headers['x-amz-security-token'] };
}

/** When a member is repeated, the last one counts. */
function membersOf(header: string): {
  readonly credential?: string;
  readonly signedHeaders?: string;
  readonly signature?: string;
} {
  let credential: string | undefined, signature: string | undefined, signedHeaders: string | undefined;
  for (const part of header.slice(algorithm.length).split(',')) {
    const text = part.trim();
    if (text.startsWith('Credential=')) credential = text.slice(11);
    else if (text.startsWith('SignedHeaders=')) signedHeaders = text.slice(14);
    else if (text.startsWith('Signature=')) signature = text.slice(10);
  }
  return {
    ...(credential === undefined ? {} : { credential }),
    ...(signedHeaders === undefined ? {} : { signedHeaders }),
    ...(signature === undefined ? {} : { signature }),
  };
}

function fromQuery(query: ReadonlyMap<string, string>): ClaimedSignature {
  const credential = query.get('X-Amz-Credential');
  const signature = query.get('X-Amz-Signature');
  const signedHeaders = query.get('X-Amz-SignedHeaders');
  const written = query.get('X-Amz-Date');
  if (query.get('X-Amz-Algorithm') !== algorithm || !credential || !signature || !signedHeaders || !written) {
    let message = '';
    if (query.get('X-Amz-Algorithm') !== algorithm)
      message += `AWS query-string parameters must include 'X-Amz-Algorithm' with the value '${algorithm}'. `;
    for (const [name, value] of Object.entries({
      'X-Amz-Credential': credential,
      'X-Amz-Signature': signature,
      'X-Amz-SignedHeaders': signedHeaders,
      'X-Amz-Date': written,
    }))
      if (!value) message += `AWS query-string parameters must include '${name}'. `;
    throw new SignatureError('incomplete', `${message}Re-examine the query-string parameters.`);
  }
  const expires = query.get('X-Amz-Expires') ?? '';
  const expiresIn = /^\d{1,6}$/.test(expires) ? Number(expires) : NaN;
  if (!(expiresIn >= 1 && expiresIn <= longestExpiry))
    throw new SignatureError('incomplete', `X-Amz-Expires must be a number of seconds from 1 to ${longestExpiry}`);
  return {
    kind: 'query',
    ...credentialParts(credential),
    ...moment(written),
    signedHeaders: signedHeaders.toLowerCase().split(';'),
    signature,
    expiresIn,
    sessionToken: query.get('X-Amz-Security-Token'),
  };
}

function credentialParts(
  credential: string,
): Pick<ClaimedSignature, 'accessKeyId' | 'scope' | 'day' | 'region' | 'service'> {
  const parts = credential.split('/');
  const [accessKeyId = '', day = '', region = '', service = '', terminator] = parts;
  if (parts.length !== 5)
    throw new SignatureError(
      'incomplete',
      `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${credential}'`,
    );
  if (terminator !== 'aws4_request')
    throw new SignatureError(
      'scope',
      `Credential should be scoped with a valid terminator: 'aws4_request', not '${terminator}'. `,
    );
  return { accessKeyId, scope: `${day}/${region}/${service}/aws4_request`, day, region, service };
}

function moment(written: string): Pick<ClaimedSignature, 'date' | 'signedAt'> {
  const signedAt = parseAmzDate(written);
  if (!Number.isNaN(signedAt)) return { date: written, signedAt };
  // Very old clients send the Date header.
  const parsed = Date.parse(written);
  if (Number.isNaN(parsed) || Math.abs(parsed) > 8.64e15)
    throw new SignatureError(
      'incomplete',
      `Date must be in ISO-8601 'basic format'. Got '${written}'. See http://en.wikipedia.org/wiki/ISO_8601`,
    );
  return { date: amzDate(parsed), signedAt: parsed };
}
