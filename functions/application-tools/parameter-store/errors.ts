/** Parameter Store's own errors. */
import { ApiError } from '../../../core/errors.ts';

export class ParameterNotFound extends ApiError {
  override readonly code = 'ParameterNotFound';
}

export class ParameterVersionNotFound extends ApiError {
  override readonly code = 'ParameterVersionNotFound';
}

export class ParameterAlreadyExists extends ApiError {
  override readonly code = 'ParameterAlreadyExists';
}

export class ParameterLimitExceeded extends ApiError {
  override readonly code = 'ParameterLimitExceeded';
}

export class ParameterMaxVersionLimitExceeded extends ApiError {
  override readonly code = 'ParameterMaxVersionLimitExceeded';
}

export class ParameterVersionLabelLimitExceeded extends ApiError {
  override readonly code = 'ParameterVersionLabelLimitExceeded';
}

export class ParameterPatternMismatchException extends ApiError {
  override readonly code = 'ParameterPatternMismatchException';
}

export class InvalidAllowedPatternException extends ApiError {
  override readonly code = 'InvalidAllowedPatternException';
}

export class HierarchyLevelLimitExceededException extends ApiError {
  override readonly code = 'HierarchyLevelLimitExceededException';
}

export class HierarchyTypeMismatchException extends ApiError {
  override readonly code = 'HierarchyTypeMismatchException';
}

export class InvalidKeyId extends ApiError {
  override readonly code = 'InvalidKeyId';
}

export class InvalidFilterOption extends ApiError {
  override readonly code = 'InvalidFilterOption';
}

export class InvalidFilterValue extends ApiError {
  override readonly code = 'InvalidFilterValue';
}

export class PoliciesLimitExceededException extends ApiError {
  override readonly code = 'PoliciesLimitExceededException';
}

export class InvalidPolicyTypeException extends ApiError {
  override readonly code = 'InvalidPolicyTypeException';
}

export class InvalidPolicyAttributeException extends ApiError {
  override readonly code = 'InvalidPolicyAttributeException';
}

export class IncompatiblePolicyException extends ApiError {
  override readonly code = 'IncompatiblePolicyException';
}

export class ResourceNotFoundException extends ApiError {
  override readonly code = 'ResourceNotFoundException';
}

export class ResourcePolicyNotFoundException extends ApiError {
  override readonly code = 'ResourcePolicyNotFoundException';
}

export class ResourcePolicyConflictException extends ApiError {
  override readonly code = 'ResourcePolicyConflictException';
}

export class ResourcePolicyLimitExceededException extends ApiError {
  override readonly code = 'ResourcePolicyLimitExceededException';
}

export class ResourcePolicyInvalidParameterException extends ApiError {
  override readonly code = 'ResourcePolicyInvalidParameterException';
}

export class MalformedResourcePolicyDocumentException extends ApiError {
  override readonly code = 'MalformedResourcePolicyDocumentException';
}
