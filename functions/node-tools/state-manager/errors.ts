/** State Manager's own errors. */
import { ApiError } from '../../../core/errors.ts';

export class AssociationAlreadyExists extends ApiError {
  override readonly code = 'AssociationAlreadyExists';
}

export class AssociationDoesNotExist extends ApiError {
  override readonly code = 'AssociationDoesNotExist';
}

export class AssociationLimitExceeded extends ApiError {
  override readonly code = 'AssociationLimitExceeded';
}

export class InvalidAssociationVersion extends ApiError {
  override readonly code = 'InvalidAssociationVersion';
}

export class InvalidOutputLocation extends ApiError {
  override readonly code = 'InvalidOutputLocation';
}

export class InvalidSchedule extends ApiError {
  override readonly code = 'InvalidSchedule';
}

export class InvalidTargetMaps extends ApiError {
  override readonly code = 'InvalidTargetMaps';
}

export class UnsupportedPlatformType extends ApiError {
  override readonly code = 'UnsupportedPlatformType';
}
