/** The Keys port: encrypts secrets at rest. On AWS it is KMS; locally it is AES-256-GCM with a key file. */
export interface Keys {
  /**
   * @param purpose bound to the ciphertext (KMS's encryption context): decrypting with another purpose fails
   * @returns text that can be stored in a row
   */
  encrypt(plaintext: Uint8Array, purpose: Readonly<Record<string, string>>): Promise<string>;
  /** @throws when the ciphertext was made under another key or purpose, or was changed */
  decrypt(ciphertext: string, purpose: Readonly<Record<string, string>>): Promise<Uint8Array>;
  /** A keyed hash (HMAC-SHA-256) for tokens that callers must return unchanged: page tokens, channel tokens. */
  mac(data: string): Promise<Uint8Array>;
}
