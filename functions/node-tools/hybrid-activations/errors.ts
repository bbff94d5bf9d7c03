/** This room's own errors. */
import { ApiError } from '../../../core/errors.ts';

export class InvalidActivation extends ApiError {
  override readonly code = 'InvalidActivation';
}

/** The node's machine is not the one that registered: agents stop asking for half an hour. */
export class MachineFingerprintDoesNotMatch extends ApiError {
  override readonly code = 'MachineFingerprintDoesNotMatch';
}

export class ThrottlingException extends ApiError {
  override readonly code = 'ThrottlingException';
}

/** The node's own signature is wrong, stale or used before. Agents ask again with a new one within seconds. */
export class InvalidSignatureException extends ApiError {
  override readonly code = 'InvalidSignatureException';
}
