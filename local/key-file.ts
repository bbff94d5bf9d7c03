/** The Keys port on one machine: AES-256-GCM with a key file that only its owner can read. */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, statSync } from 'node:fs';
import type { Keys } from '../core/keys.ts';
import { replaceFile } from '../core/replace-file.ts';
import { StartRefused } from './start-refused.ts';

const algorithm = 'aes-256-gcm';
const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;
/** The format of a ciphertext, so that another format can be added. */
const form = 'v1.';

/** The key file is missing or damaged; the message is for the person at the terminal. */
export class KeyFileError extends StartRefused {
  override readonly name = 'KeyFileError';
}

/**
 * Opens the key file, or makes one.
 * @param options.make whether a new key may be made: nothing has been encrypted yet
 * @throws KeyFileError
 */
export function openKeyFile(file: string, { make = true }: { readonly make?: boolean } = {}): Keys {
  if (!existsSync(file)) {
    if (!make)
      throw new KeyFileError(
        `The key file ${file} is missing, and the secrets beside it are encrypted under it. Put it back, or start with another data folder.`,
      );
    replaceFile(file, `${randomBytes(keyBytes).toString('base64')}\n`, 0o600);
  }
  // A restored copy is often readable by everybody. The mode is changed only when needed: the disk may be read-only.
  if ((statSync(file).mode & 0o077) !== 0) chmodSync(file, 0o600);
  const root = Buffer.from(readFileSync(file, 'utf8').trim(), 'base64');
  if (root.length !== keyBytes)
    throw new KeyFileError(`${file} is not a key file of Flotilla's: it must hold ${keyBytes} bytes in base64.`);
  return keysUnder(root);
}

function keysUnder(root: Uint8Array): Keys {
  const derive = (use: string): Buffer => Buffer.from(hkdfSync('sha256', root, '', `flotilla ${use}`, keyBytes));
  const encryption = derive('encryption');
  const authentication = derive('authentication');
  return {
    encrypt: async (plaintext, purpose) => {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv(algorithm, encryption, nonce, { authTagLength: tagBytes }).setAAD(
        canonical(purpose),
      );
      return (
        form + Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]).toString('base64')
      );
    },
    decrypt: async (ciphertext, purpose) => {
      const bytes = Buffer.from(ciphertext.slice(form.length), 'base64');
      if (!ciphertext.startsWith(form) || bytes.length < nonceBytes + tagBytes)
        throw new Error('not a ciphertext of this key');
      const decipher = createDecipheriv(algorithm, encryption, bytes.subarray(0, nonceBytes), {
        authTagLength: tagBytes,
      }).setAAD(canonical(purpose));
      decipher.setAuthTag(bytes.subarray(-tagBytes));
      return Buffer.concat([decipher.update(bytes.subarray(nonceBytes, -tagBytes)), decipher.final()]);
    },
    mac: async (data) => createHmac('sha256', authentication).update(data).digest(),
  };
}

/** The same bytes for a purpose, whatever the order of its members is. */
function canonical(purpose: Readonly<Record<string, string>>): Buffer {
  return Buffer.from(JSON.stringify(Object.entries(purpose).sort(([one], [other]) => (one < other ? -1 : 1))));
}
