/**
 * The Keys port on KMS. It uses envelope encryption, because KMS itself takes only 4 KB, and derives the MAC key from a
 * key that never leaves KMS.
 */
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { DecryptCommand, GenerateDataKeyCommand, GenerateMacCommand, type KMSClient } from '@aws-sdk/client-kms';
import type { Keys } from '../core/keys.ts';

const algorithm = 'aes-256-gcm';
const ivBytes = 12;
const tagBytes = 16;
/** The format of a ciphertext, so that another one can be added. */
const format = 1;

export class KmsKeys implements Keys {
  readonly #kms: KMSClient;
  readonly #keyId: string;
  readonly #macKeyId: string;
  #macKey: Promise<Uint8Array> | undefined;

  /** @param macKeyId an HMAC_256 key */
  constructor(kms: KMSClient, keyId: string, macKeyId: string) {
    this.#kms = kms;
    this.#keyId = keyId;
    this.#macKeyId = macKeyId;
  }

  /** One call of KMS. The text has, in base64: format, length of the wrapped key, wrapped key, IV, tag, ciphertext. */
  async encrypt(plaintext: Uint8Array, purpose: Readonly<Record<string, string>>): Promise<string> {
    const { Plaintext: key, CiphertextBlob: wrapped } = await this.#kms.send(
      new GenerateDataKeyCommand({ KeyId: this.#keyId, KeySpec: 'AES_256', EncryptionContext: purpose }),
    );
    if (key === undefined || wrapped === undefined) throw new Error('KMS made no data key');
    const iv = randomBytes(ivBytes);
    const cipher = createCipheriv(algorithm, key, iv);
    const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
    key.fill(0);
    const head = Buffer.alloc(3);
    head.writeUInt8(format, 0);
    head.writeUInt16BE(wrapped.length, 1);
    return Buffer.concat([head, wrapped, iv, cipher.getAuthTag(), ciphertext]).toString('base64');
  }

  /** One call of KMS, which refuses another purpose. */
  async decrypt(text: string, purpose: Readonly<Record<string, string>>): Promise<Uint8Array> {
    const bytes = Buffer.from(text, 'base64');
    if (bytes.length < 3 || bytes.readUInt8(0) !== format) throw new Error('this ciphertext is not ours');
    let at = 3;
    const take = (length: number): Buffer => bytes.subarray(at, (at += length));
    const wrapped = take(bytes.readUInt16BE(1));
    const iv = take(ivBytes);
    const tag = take(tagBytes);
    const { Plaintext: key } = await this.#kms.send(
      new DecryptCommand({ KeyId: this.#keyId, CiphertextBlob: wrapped, EncryptionContext: purpose }),
    );
    if (key === undefined) throw new Error('KMS did not unwrap the data key');
    const decipher = createDecipheriv(algorithm, key, iv, { authTagLength: tagBytes }).setAuthTag(tag);
    const plaintext = Buffer.concat([decipher.update(bytes.subarray(at)), decipher.final()]);
    key.fill(0);
    return plaintext;
  }

  async mac(data: string): Promise<Uint8Array> {
    return createHmac('sha256', await this.#key())
      .update(data)
      .digest();
  }

  /**
   * KMS's MAC of a fixed text is our key: one KMS call in the life of this process, not one for each page of a list.
   */
  #key(): Promise<Uint8Array> {
    this.#macKey ??= this.#deriveKey();
    return this.#macKey;
  }

  async #deriveKey(): Promise<Uint8Array> {
    try {
      const { Mac } = await this.#kms.send(
        new GenerateMacCommand({
          KeyId: this.#macKeyId,
          MacAlgorithm: 'HMAC_SHA_256',
          Message: Buffer.from('flotilla tokens 1'),
        }),
      );
      if (Mac === undefined) throw new Error('KMS made no MAC');
      return Mac;
    } catch (error) {
      this.#macKey = undefined;
      throw error;
    }
  }
}
