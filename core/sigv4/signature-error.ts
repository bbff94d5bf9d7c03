/** Why a signature is refused. Each API turns the reason into its own error code. */
export type SignatureFault =
  /** No signature at all. */
  | 'missing'
  /** Parts are absent or malformed. */
  | 'incomplete'
  /** Made for another Region or service. */
  | 'scope'
  /** Made too long ago. */
  | 'expired'
  /** Made in the future. */
  | 'not-yet-current'
  /** A presigned URL whose time is over. */
  | 'url-expired'
  /** No such access key, or not with this session token. */
  | 'unknown-key'
  | 'mismatch'
  /** The credentials' own time is over. */
  | 'token-expired';

export class SignatureError extends Error {
  override readonly name = 'SignatureError';
  readonly fault: SignatureFault;

  constructor(fault: SignatureFault, message: string) {
    super(message);
    this.fault = fault;
  }
}
