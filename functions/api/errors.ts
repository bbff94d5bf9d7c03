/** The front door's own errors: one class for each code, whatever the protocol calls it. */
import { ApiError } from '../../core/errors.ts';

export class SerializationException extends ApiError {
  override readonly code = 'SerializationException';
}

/** The most characters of an unknown name in the message about it. */
const longestName = 200;

export class UnknownOperationException extends ApiError {
  override readonly code = 'UnknownOperationException';

  /** @param asked as in the request: `AmazonSSM.StartSession`, `GET /x/nothing` */
  constructor(asked: string) {
    super(
      `Flotilla has no operation ${asked.slice(0, longestName)}. Those that it has are listed in docs/coverage.md.`,
    );
  }
}

export class MissingAuthenticationTokenException extends ApiError {
  override readonly code = 'MissingAuthenticationTokenException';
}

export class IncompleteSignatureException extends ApiError {
  override readonly code = 'IncompleteSignatureException';
}

export class UnrecognizedClientException extends ApiError {
  override readonly code = 'UnrecognizedClientException';
}

export class InvalidSignatureException extends ApiError {
  override readonly code = 'InvalidSignatureException';
}

export class ExpiredTokenException extends ApiError {
  override readonly code = 'ExpiredTokenException';
}

export class RequestEntityTooLargeException extends ApiError {
  override readonly code = 'RequestEntityTooLargeException';
}

/** Nobody can say whether the change was made. SDKs must not repeat the call by themselves. */
export class RequestOutcomeUnknownException extends ApiError {
  override readonly code = 'RequestOutcomeUnknownException';
}

/** The state cannot be written now. Nothing was changed, and every SDK tries again. */
export class ServiceUnavailableException extends ApiError {
  override readonly code = 'ServiceUnavailableException';
}
