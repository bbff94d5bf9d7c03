/** The documents' own errors. */
import { ApiError } from '../../../core/errors.ts';

export class DocumentAlreadyExists extends ApiError {
  override readonly code = 'DocumentAlreadyExists';
}

export class DocumentLimitExceeded extends ApiError {
  override readonly code = 'DocumentLimitExceeded';
}

export class DocumentVersionLimitExceeded extends ApiError {
  override readonly code = 'DocumentVersionLimitExceeded';
}

export class DocumentPermissionLimit extends ApiError {
  override readonly code = 'DocumentPermissionLimit';
}

export class DuplicateDocumentContent extends ApiError {
  override readonly code = 'DuplicateDocumentContent';
}

export class DuplicateDocumentVersionName extends ApiError {
  override readonly code = 'DuplicateDocumentVersionName';
}

export class InvalidDocumentContent extends ApiError {
  override readonly code = 'InvalidDocumentContent';
}

export class InvalidDocumentOperation extends ApiError {
  override readonly code = 'InvalidDocumentOperation';
}

export class InvalidDocumentSchemaVersion extends ApiError {
  override readonly code = 'InvalidDocumentSchemaVersion';
}

export class InvalidDocumentType extends ApiError {
  override readonly code = 'InvalidDocumentType';
}

export class InvalidPermissionType extends ApiError {
  override readonly code = 'InvalidPermissionType';
}

export class MaxDocumentSizeExceeded extends ApiError {
  override readonly code = 'MaxDocumentSizeExceeded';
}
