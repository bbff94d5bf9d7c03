/** The errors of topics. */
import { ApiError } from '../../core/errors.ts';

/** There is no such topic, or no such subscription of it. */
export class ResourceNotFoundException extends ApiError {
  override readonly code = 'ResourceNotFoundException';
}
