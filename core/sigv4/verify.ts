/**
 * Verifies a request's signature, in its headers or in its query.
 *
 * Signatures use real time, not Flotilla's clock (design §3), so that real clients work while a test moves the clock.
 */
import { timingSafeEqual, type KeyObject } from 'node:crypto';
import type { HttpRequest } from '../http.ts';
import { canonicalRequest, sha256, stringToSign } from './canonical-request.ts';
import { claimedSignature, type ClaimedSignature } from './claimed-signature.ts';
import { amzDate } from './dates.ts';
import { SignatureError } from './signature-error.ts';
import { signature, signingKey } from './signing-key.ts';

/** Milliseconds by which a client's clock may differ: 5 minutes; S3 allows 15. */
export const clockSkew = { api: 5 * 60_000, s3: 15 * 60_000 } as const;

/** The parts of an access key that the check needs. {@link import('../access-keys.ts').AccessKey} is one. */
export interface VerifiableKey {
  readonly secretAccessKey: string;
  /** SHA-256 in hex of the session token that the request must carry. */
  readonly sessionTokenDigest?: string | undefined;
  /** Epoch milliseconds, real time. */
  readonly expiresAt?: number | undefined;
}

export interface VerifyOptions<Key extends VerifiableKey> {
  readonly region: string;
  /** The signing name that the request must be scoped to. */
  readonly service: string;
  /** Milliseconds. */
  readonly skew: number;
  readonly findKey: (accessKeyId: string) => Promise<Key | undefined>;
  /** Epoch milliseconds; default Date.now(). */
  readonly now?: number;
}

export interface VerifiedSignature<Key extends VerifiableKey> extends ClaimedSignature {
  readonly key: Key;
  /** With `signature` as the seed it verifies the chunks of a `STREAMING-…` payload. */
  readonly signingKey: KeyObject;
}

/**
 * Verifies a signature.
 * @param request its `payloadHash` is the hex SHA-256 of the received body, or the marker where S3 allows one
 * @throws SignatureError
 */
export async function verifySignature<Key extends VerifiableKey>(
  request: Pick<HttpRequest, 'method' | 'path' | 'query' | 'headers'> & { readonly payloadHash: string },
  options: VerifyOptions<Key>,
): Promise<VerifiedSignature<Key>> {
  const claimed = claimedSignature(request);
  checkScope(claimed, options);
  checkMoment(claimed, options.skew, options.now ?? Date.now());
  if (!claimed.signedHeaders.includes('host') && !claimed.signedHeaders.includes(':authority'))
    throw new SignatureError('mismatch', "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
  const key = await options.findKey(claimed.accessKeyId);
  if (key === undefined || !isToken(claimed.sessionToken, key.sessionTokenDigest))
    throw new SignatureError('unknown-key', 'The security token included in the request is invalid.');
  const derived = signingKey(key.secretAccessKey, claimed.day, claimed.region, claimed.service);
  const { method, path, query, headers, payloadHash } = request;
  const canonical = canonicalRequest({
    method,
    path,
    query,
    headers,
    payloadHash,
    signedHeaders: claimed.signedHeaders,
    service: claimed.service,
  });
  if (!isEqual(signature(derived, stringToSign(claimed.date, claimed.scope, canonical)), claimed.signature))
    throw new SignatureError(
      'mismatch',
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    );
  if (key.expiresAt !== undefined && key.expiresAt <= (options.now ?? Date.now()))
    throw new SignatureError('token-expired', 'The security token included in the request is expired');
  return { ...claimed, key, signingKey: derived };
}

function checkScope(
  claimed: ClaimedSignature,
  { region, service }: { readonly region: string; readonly service: string },
): void {
  let message = '';
  if (claimed.region !== region) message += 'Credential should be scoped to a valid region. ';
  if (claimed.service !== service) message += `Credential should be scoped to correct service: '${service}'. `;
  const day = claimed.date.slice(0, 8);
  if (claimed.day !== day)
    message += `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${claimed.day}' != '${day}', from '${claimed.date}'. `;
  if (message !== '') throw new SignatureError('scope', message);
}

function checkMoment({ date, signedAt, expiresIn }: ClaimedSignature, skew: number, now: number): void {
  const minutes = skew / 60_000;
  if (signedAt > now + skew)
    throw new SignatureError(
      'not-yet-current',
      `Signature not yet current: ${date} is still later than ${amzDate(now + skew)} (${amzDate(now)} + ${minutes} min.)`,
    );
  if (expiresIn !== undefined) {
    const end = signedAt + expiresIn * 1000;
    if (end < now)
      throw new SignatureError('url-expired', `Signature expired: ${amzDate(end)} is now earlier than ${amzDate(now)}`);
  } else if (signedAt < now - skew)
    throw new SignatureError(
      'expired',
      `Signature expired: ${date} is now earlier than ${amzDate(now - skew)} (${amzDate(now)} - ${minutes} min.)`,
    );
}

/** A key without a session token accepts only requests without one. */
function isToken(token: string | undefined, digest: string | undefined): boolean {
  if (token === undefined || digest === undefined) return token === undefined && digest === undefined;
  return isEqual(sha256(token), digest);
}

/** Compares in constant time. */
function isEqual(one: string, other: string): boolean {
  const left = Buffer.from(one);
  const right = Buffer.from(other);
  return left.length === right.length && timingSafeEqual(left, right);
}
