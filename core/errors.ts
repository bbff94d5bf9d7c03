/**
 * Errors that callers see. One class per AWS error code, thrown where the rule is; the front door alone
 * turns them into the wire (status, shape and the name of the message member come from the model).
 */

/** The base of every error that reaches a caller. The class's `code` is the code on the wire. */
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

/** The input breaks a constraint that the operation, not the model, knows. */
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

/** Of GetInventory and ListNodesSummary alike. */
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

/** ssm's fault of ours. Other services' doors send `InternalServerException` for whatever is not an ApiError. */
export class InternalServerError extends ApiError {
  override readonly code = 'InternalServerError';
}
