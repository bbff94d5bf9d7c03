/** This room's own errors. */
import { ApiError } from '../../../core/errors.ts';

export class InvalidInstanceInformationFilterValue extends ApiError {
  override readonly code = 'InvalidInstanceInformationFilterValue';
}
