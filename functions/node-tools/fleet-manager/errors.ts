/** This room's own errors. */
import { ApiError } from '../../../core/errors.ts';

export class InvalidInstanceInformationFilterValue extends ApiError {
  override readonly code = 'InvalidInstanceInformationFilterValue';
}

export class InvalidInstancePropertyFilterValue extends ApiError {
  override readonly code = 'InvalidInstancePropertyFilterValue';
}

export class ResourceDataSyncNotFoundException extends ApiError {
  override readonly code = 'ResourceDataSyncNotFoundException';
}
