/** Run Command's own errors. */
import { ApiError } from '../../../core/errors.ts';

export class DuplicateInstanceId extends ApiError {
  override readonly code = 'DuplicateInstanceId';
}

export class InvalidCommandId extends ApiError {
  override readonly code = 'InvalidCommandId';
}

export class InvalidNotificationConfig extends ApiError {
  override readonly code = 'InvalidNotificationConfig';
}

export class InvalidOutputFolder extends ApiError {
  override readonly code = 'InvalidOutputFolder';
}

export class InvalidRole extends ApiError {
  override readonly code = 'InvalidRole';
}

export class InvalidPluginName extends ApiError {
  override readonly code = 'InvalidPluginName';
}

export class InvocationDoesNotExist extends ApiError {
  override readonly code = 'InvocationDoesNotExist';
}

export class MaxDocumentSizeExceeded extends ApiError {
  override readonly code = 'MaxDocumentSizeExceeded';
}

export class UnsupportedPlatformType extends ApiError {
  override readonly code = 'UnsupportedPlatformType';
}
