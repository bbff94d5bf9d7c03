/** Resource Groups' errors. */
import { ApiError } from '../../../core/errors.ts';

export class BadRequestException extends ApiError {
  override readonly code = 'BadRequestException';
}

export class NotFoundException extends ApiError {
  override readonly code = 'NotFoundException';
}

export class TooManyRequestsException extends ApiError {
  override readonly code = 'TooManyRequestsException';
}
