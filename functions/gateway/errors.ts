/** What this door refuses with. */
import { ApiError } from '../../core/errors.ts';
import type { SignatureError, SignatureFault } from '../../core/sigv4/signature-error.ts';

export class SerializationException extends ApiError {
  override readonly code = 'SerializationException';
}

export class UnknownOperationException extends ApiError {
  override readonly code = 'UnknownOperationException';
}

export class RequestEntityTooLargeException extends ApiError {
  override readonly code = 'RequestEntityTooLargeException';
}

/** There is no such channel here. */
export class ResourceNotFoundException extends ApiError {
  override readonly code = 'ResourceNotFoundException';
}

/** AWS's codes for what is wrong with a signature. */
const codes: Readonly<Record<SignatureFault, string>> = {
  missing: 'MissingAuthenticationTokenException',
  incomplete: 'IncompleteSignatureException',
  scope: 'InvalidSignatureException',
  expired: 'InvalidSignatureException',
  'not-yet-current': 'InvalidSignatureException',
  'url-expired': 'InvalidSignatureException',
  'unknown-key': 'UnrecognizedClientException',
  mismatch: 'InvalidSignatureException',
  'token-expired': 'ExpiredTokenException',
};

/** The request's signature is not taken. */
export class NotAuthenticated extends ApiError {
  override readonly code: string;

  constructor(cause: SignatureError) {
    super(cause.message);
    this.code = codes[cause.fault];
  }
}
