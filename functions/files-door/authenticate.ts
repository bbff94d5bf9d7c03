/** Finds who signed an S3 request, and how its body's integrity is proven. */
import { findAccessKey } from '../../core/access-keys.ts';
import type { Caller } from '../../core/caller.ts';
import type { Context } from '../../core/context.ts';
import type { HttpRequest } from '../../core/http.ts';
import { claimedSignature } from '../../core/sigv4/claimed-signature.ts';
import { SignatureError, type SignatureFault } from '../../core/sigv4/signature-error.ts';
import { clockSkew, verifySignature } from '../../core/sigv4/verify.ts';
import type { ChunkSigning } from './chunked-body.ts';
import { accessDenied, invalidArgument, invalidRequest, S3Error } from './errors.ts';
import type { Payload } from './s3-request.ts';

const skewed = (): S3Error =>
  new S3Error(
    'RequestTimeTooSkewed',
    403,
    'The difference between the request time and the current time is too large.',
  );

const faults: Readonly<Record<SignatureFault, (message: string, region: string) => S3Error>> = {
  missing: () => accessDenied(),
  incomplete: (message) => new S3Error('AuthorizationHeaderMalformed', 400, message),
  // Clients then use the Region that the error names.
  scope: (message, Region) => new S3Error('AuthorizationHeaderMalformed', 400, message, { Region }),
  expired: skewed,
  'not-yet-current': skewed,
  'url-expired': () => accessDenied('Request has expired'),
  mismatch: () =>
    new S3Error(
      'SignatureDoesNotMatch',
      403,
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    ),
  'unknown-key': () =>
    new S3Error('InvalidAccessKeyId', 403, 'The AWS Access Key Id you provided does not exist in our records.'),
  'token-expired': () => new S3Error('ExpiredToken', 400, 'The provided token has expired.'),
};

/** @throws S3Error */
export async function authenticateS3(
  request: Omit<HttpRequest, 'body'>,
  context: Context,
): Promise<{ readonly caller: Caller; readonly payload: Payload }> {
  try {
    const { kind, signedHeaders } = claimedSignature(request);
    checkSigned(request.headers, signedHeaders);
    const payloadHash = payloadHashOf(request, kind);
    const { key, signingKey, date, scope, signature } = await verifySignature(
      { ...request, payloadHash },
      {
        region: context.region,
        service: 's3',
        skew: clockSkew.s3,
        findKey: (accessKeyId) => findAccessKey(context, accessKeyId),
      },
    );
    return { caller: key.caller, payload: payloadOf(payloadHash, { key: signingKey, date, scope, seed: signature }) };
  } catch (error) {
    if (error instanceof SignatureError) throw faults[error.fault](error.message, context.region);
    throw error;
  }
}

/** Otherwise the user of a presigned URL could turn its PUT into a copy of any object that its maker may read. */
function checkSigned(headers: HttpRequest['headers'], signed: readonly string[]): void {
  const unsigned = Object.keys(headers).filter(
    (name) => name.startsWith('x-amz-') && name !== 'x-amz-content-sha256' && !signed.includes(name),
  );
  if (unsigned.length > 0)
    throw new S3Error('AccessDenied', 403, 'There were headers present in the request which were not signed', {
      HeadersNotSigned: unsigned.join(', '),
    });
}

function payloadHashOf({ headers, query }: Omit<HttpRequest, 'body'>, kind: 'header' | 'query'): string {
  const declared = headers['x-amz-content-sha256'] ?? /(?:^|&)X-Amz-Content-Sha256=([^&]*)/.exec(query)?.[1];
  if (declared !== undefined) return declared;
  if (kind === 'header') throw invalidRequest('Missing required header for this request: x-amz-content-sha256');
  // The signer of a URL does not know the body.
  return 'UNSIGNED-PAYLOAD';
}

function payloadOf(hash: string, signing: ChunkSigning): Payload {
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
      throw invalidArgument(
        'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.',
      );
  }
}
