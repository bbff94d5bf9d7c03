/** The errors that the front door itself has: one class a code, whatever the protocol makes of it. */
import { ApiError } from '../../core/errors.ts';

export class SerializationException extends ApiError {
  override readonly code = 'SerializationException';
}

/** Characters of a name that nobody knows, in the message about it. */
const longestName = 200;

export class UnknownOperationException extends ApiError {
  override readonly code = 'UnknownOperationException';

  /** @param asked as the request names it: `AmazonSSM.StartSession`, `GET /x/nothing` */
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

/** The change may have been made or not, and nobody can say: no SDK may send it again by itself. */
export class RequestOutcomeUnknownException extends ApiError {
  override readonly code = 'RequestOutcomeUnknownException';
}

/** The state cannot be written just now: nothing was done, and every SDK tries again. */
export class ServiceUnavailableException extends ApiError {
  override readonly code = 'ServiceUnavailableException';
}
