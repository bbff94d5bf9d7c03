/** Who signed an S3 request, and how its body is vouched for. */
import { findAccessKey } from '../../core/access-keys.ts';
import type { Caller } from '../../core/caller.ts';
import type { Context } from '../../core/context.ts';
import type { HttpRequest } from '../../core/http.ts';
import { SignatureError, type SignatureFault } from '../../core/sigv4/signature-error.ts';
import { clockSkew, verifySignature } from '../../core/sigv4/verify.ts';
import { accessDenied, invalidRequest, S3Error } from './errors.ts';
import type { Payload } from './s3-request.ts';

const faults: Readonly<Record<SignatureFault, (message: string) => S3Error>> = {
  missing: accessDenied,
  incomplete: (message) => new S3Error('AuthorizationHeaderMalformed', 400, message),
  scope: (message) => new S3Error('AuthorizationHeaderMalformed', 400, message),
  expired: () => new S3Error('RequestTimeTooSkewed', 403, 'The difference between the request time and the current time is too large.'),
  'not-yet-current': () => new S3Error('RequestTimeTooSkewed', 403, 'The difference between the request time and the current time is too large.'),
  'url-expired': () => new S3Error('AccessDenied', 403, 'Request has expired'),
  mismatch: () => new S3Error('SignatureDoesNotMatch', 403, 'The request signature we calculated does not match the signature you provided. Check your key and signing method.'),
  'unknown-key': () => new S3Error('InvalidAccessKeyId', 403, 'The AWS Access Key Id you provided does not exist in our records.'),
  'token-expired': () => new S3Error('ExpiredToken', 400, 'The provided token has expired.'),
};

/** @throws S3Error */
export async function authenticateS3(request: Omit<HttpRequest, 'body'>, context: Context): Promise<{ readonly caller: Caller; readonly payload: Payload }> {
  try {
    const declared = request.headers['x-amz-content-sha256'];
    const inQuery = request.headers['authorization'] === undefined;
    // A presigned URL does not know the body it will be used with.
    const payloadHash = declared ?? (inQuery ? 'UNSIGNED-PAYLOAD' : undefined);
    if (payloadHash === undefined) throw invalidRequest('Missing required header for this request: x-amz-content-sha256');
    const { key, signingKey, date, scope, signature } = await verifySignature(
      { ...request, payloadHash: inQuery && declared === undefined ? 'UNSIGNED-PAYLOAD' : payloadHash },
      { region: context.region, service: 's3', skew: clockSkew.s3, findKey: (accessKeyId) => findAccessKey(context, accessKeyId) },
    );
    return { caller: key.caller, payload: payloadOf(payloadHash, { key: signingKey, date, scope, seed: signature }) };
  } catch (error) {
    if (error instanceof SignatureError) throw faults[error.fault](error.message);
    throw error;
  }
}

function payloadOf(hash: string, signing: Extract<Payload, { kind: 'chunked' }>['signing']): Payload {
  switch (hash) {
    case 'UNSIGNED-PAYLOAD':
      return { kind: 'unsigned' };
    case 'STREAMING-UNSIGNED-PAYLOAD-TRAILER':
      return { kind: 'chunked', signing: undefined };
    case 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD':
    case 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER':
      return { kind: 'chunked', signing };
    default:
      if (/^[0-9a-f]{64}$/.test(hash)) return { kind: 'hashed', sha256: hash };
      throw invalidRequest('x-amz-content-sha256 must be UNSIGNED-PAYLOAD, a STREAMING-… marker or a SHA-256 in hex.');
  }
}
