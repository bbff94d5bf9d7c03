/**
 * Errors that callers see. Each AWS error code has one class, and the code that knows the rule throws it. Only the
 * front door encodes it: status, shape and the name of the message member come from the model.
 */

/** The base class of every error that reaches a caller. The class's `code` is sent as the error code. */
export abstract class ApiError extends Error {
  abstract readonly code: string;
  /** Further modelled members of the error: `ResourceId`, `ParameterName`. */
  readonly members: Readonly<Record<string, unknown>>;

  constructor(message = '', members: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.members = members;
  }

  override get name(): string {
    return this.code;
  }
}

/** The input breaks a constraint that is not in the model. */
export class ValidationException extends ApiError {
  override readonly code = 'ValidationException';
}

export class AccessDeniedException extends ApiError {
  override readonly code = 'AccessDeniedException';
}

export class InvalidInstanceId extends ApiError {
  override readonly code = 'InvalidInstanceId';
}

export class InvalidActivationId extends ApiError {
  override readonly code = 'InvalidActivationId';
}

/** Used by GetInventory and ListNodesSummary. */
export class InvalidAggregatorException extends ApiError {
  override readonly code = 'InvalidAggregatorException';
}

export class InvalidParameters extends ApiError {
  override readonly code = 'InvalidParameters';
}

export class InvalidNextToken extends ApiError {
  override readonly code = 'InvalidNextToken';
}

export class InvalidFilterKey extends ApiError {
  override readonly code = 'InvalidFilterKey';
}

export class InvalidFilter extends ApiError {
  override readonly code = 'InvalidFilter';
}

export class InvalidDocument extends ApiError {
  override readonly code = 'InvalidDocument';
}

export class InvalidDocumentVersion extends ApiError {
  override readonly code = 'InvalidDocumentVersion';
}

export class InvalidTarget extends ApiError {
  override readonly code = 'InvalidTarget';
}

export class TooManyUpdates extends ApiError {
  override readonly code = 'TooManyUpdates';
}

/**
 * ssm's code for a fault of ours. Other services send `InternalServerException` for every error that is not an
 * ApiError.
 */
export class InternalServerError extends ApiError {
  override readonly code = 'InternalServerError';
}
