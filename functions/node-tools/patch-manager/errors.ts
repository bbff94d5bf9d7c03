/** Patch Manager's own errors. */
import { ApiError } from '../../../core/errors.ts';

export class DoesNotExistException extends ApiError {
  override readonly code = 'DoesNotExistException';
}

export class InvalidResourceId extends ApiError {
  override readonly code = 'InvalidResourceId';
}
