/** The Keys port: what is secret at rest. KMS on AWS; locally AES-256-GCM under a key file. */
export interface Keys {
  /**
   * @param purpose bound to the ciphertext (KMS's encryption context): decrypting under another one fails
   * @returns text that can be kept in a row
   */
  encrypt(plaintext: Uint8Array, purpose: Readonly<Record<string, string>>): Promise<string>;
  /** @throws when the ciphertext was made under another key or purpose, or was changed */
  decrypt(ciphertext: string, purpose: Readonly<Record<string, string>>): Promise<Uint8Array>;
  /** A keyed hash (HMAC-SHA-256) for tokens we hand out and want back unchanged: page tokens, channel tokens. */
  mac(data: string): Promise<Uint8Array>;
}
