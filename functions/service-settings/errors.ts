/** This room's own errors. */
import { ApiError } from '../../core/errors.ts';

export class ServiceSettingNotFound extends ApiError {
  override readonly code = 'ServiceSettingNotFound';
}
