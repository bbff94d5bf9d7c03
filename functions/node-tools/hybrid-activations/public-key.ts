/** The public keys that nodes send. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { ValidationException } from '../../../core/errors.ts';

/**
 * Reads base64 of a DER SubjectPublicKeyInfo.
 * @throws ValidationException unless it is an RSA key of 2,048 to 8,192 bits
 */
export function checkPublicKey(publicKey: string, type = 'Rsa'): KeyObject {
  if (type.toLowerCase() !== 'rsa') throw new ValidationException(`The public key type ${type} is not supported.`);
  let key: KeyObject;
  try {
    key = readPublicKey(publicKey);
  } catch {
    throw new ValidationException('The public key is not a DER SubjectPublicKeyInfo in base64.');
  }
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (key.asymmetricKeyType !== 'rsa' || bits < 2048 || bits > 8192)
    throw new ValidationException('The public key must be an RSA key of at least 2,048 bits.');
  return key;
}

/** A key that was checked before it was stored. */
export function readPublicKey(publicKey: string): KeyObject {
  return createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' });
}
