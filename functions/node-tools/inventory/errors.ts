/** Inventory's own errors. */
import { ApiError } from '../../../core/errors.ts';

export class InvalidTypeNameException extends ApiError {
  override readonly code = 'InvalidTypeNameException';
}

export class InvalidItemContentException extends ApiError {
  override readonly code = 'InvalidItemContentException';
}

/** The node sent only a hash, which differs from the stored one. It then sends the content. */
export class ItemContentMismatchException extends ApiError {
  override readonly code = 'ItemContentMismatchException';
}

export class ItemSizeLimitExceededException extends ApiError {
  override readonly code = 'ItemSizeLimitExceededException';
}

export class TotalSizeLimitExceededException extends ApiError {
  override readonly code = 'TotalSizeLimitExceededException';
}

export class UnsupportedInventorySchemaVersionException extends ApiError {
  override readonly code = 'UnsupportedInventorySchemaVersionException';
}

export class UnsupportedInventoryItemContextException extends ApiError {
  override readonly code = 'UnsupportedInventoryItemContextException';
}

export class InvalidInventoryItemContextException extends ApiError {
  override readonly code = 'InvalidInventoryItemContextException';
}

export class CustomSchemaCountLimitExceededException extends ApiError {
  override readonly code = 'CustomSchemaCountLimitExceededException';
}

export class SubTypeCountLimitExceededException extends ApiError {
  override readonly code = 'SubTypeCountLimitExceededException';
}
