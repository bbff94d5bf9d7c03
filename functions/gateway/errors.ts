/** The gateway's own errors. */
import { ApiError } from '../../core/errors.ts';

/** There is no such channel here. */
export class ResourceNotFoundException extends ApiError {
  override readonly code = 'ResourceNotFoundException';
}
