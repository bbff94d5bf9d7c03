/** Finds who signed a request: the key of the signature, or an error that says what is wrong. */
import { findAccessKey } from '../../core/access-keys.ts';
import type { Caller } from '../../core/caller.ts';
import type { Context } from '../../core/context.ts';
import type { ApiError } from '../../core/errors.ts';
import type { HttpRequest } from '../../core/http.ts';
import { sha256 } from '../../core/sigv4/canonical-request.ts';
import { SignatureError, type SignatureFault } from '../../core/sigv4/signature-error.ts';
import { clockSkew, verifySignature } from '../../core/sigv4/verify.ts';
import {
  ExpiredTokenException,
  IncompleteSignatureException,
  InvalidSignatureException,
  MissingAuthenticationTokenException,
  UnrecognizedClientException,
} from './errors.ts';

const errors: Readonly<Record<SignatureFault, new (message: string) => ApiError>> = {
  missing: MissingAuthenticationTokenException,
  incomplete: IncompleteSignatureException,
  scope: InvalidSignatureException,
  expired: InvalidSignatureException,
  'not-yet-current': InvalidSignatureException,
  'url-expired': InvalidSignatureException,
  mismatch: InvalidSignatureException,
  'unknown-key': UnrecognizedClientException,
  'token-expired': ExpiredTokenException,
};

/** The caller of a request without credentials. */
export const anonymous: Caller = { kind: 'anonymous', arn: 'anonymous' };

/**
 * The caller whose key signed the request with its body. None of these services accepts an unsigned payload.
 * @throws the classes above
 */
export async function authenticate(request: HttpRequest, context: Context, signingName: string): Promise<Caller> {
  try {
    const payloadHash = sha256(request.body);
    const verified = await verifySignature(
      { method: request.method, path: request.path, query: request.query, headers: request.headers, payloadHash },
      {
        region: context.region,
        service: signingName,
        skew: clockSkew.api,
        findKey: (accessKeyId) => findAccessKey(context, accessKeyId),
      },
    );
    const claimedHash = request.headers['x-amz-content-sha256'];
    if (claimedHash !== undefined && claimedHash.toLowerCase() !== payloadHash)
      throw new SignatureError(
        'mismatch',
        'The value of x-amz-content-sha256 does not match the body that was received.',
      );
    // If this header were not signed, anyone could send the signed body to another operation.
    if (request.headers['x-amz-target'] !== undefined && !verified.signedHeaders.includes('x-amz-target'))
      throw new SignatureError('mismatch', "'X-Amz-Target' must be a 'SignedHeader' in the AWS Authorization.");
    return verified.key.caller;
  } catch (error) {
    if (error instanceof SignatureError) throw new errors[error.fault](error.message);
    throw error;
  }
}
