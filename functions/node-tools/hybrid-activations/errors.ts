/** This room's own errors. */
import { ApiError } from '../../../core/errors.ts';

export class InvalidActivation extends ApiError {
  override readonly code = 'InvalidActivation';
}

/** The node's machine is not the one that registered. Agents wait for half an hour after this error. */
export class MachineFingerprintDoesNotMatch extends ApiError {
  override readonly code = 'MachineFingerprintDoesNotMatch';
}

export class ThrottlingException extends ApiError {
  override readonly code = 'ThrottlingException';
}

/** The node's own signature is wrong, too old or already used. Agents try again with a new one within seconds. */
export class InvalidSignatureException extends ApiError {
  override readonly code = 'InvalidSignatureException';
}
