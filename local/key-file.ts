/** The Keys port on one machine: AES-256-GCM under a key file that only its owner can read. */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { Keys } from '../core/keys.ts';
import { replaceFile } from '../core/replace-file.ts';

const nonceBytes = 12;
const tagBytes = 16;
/** Names the form of a ciphertext, so that another can follow. */
const form = 'v1.';

/** Opens the key file, or makes it at the first start. Losing it is losing what was encrypted under it. */
export function openKeyFile(file: string): Keys {
  if (!existsSync(file)) replaceFile(file, `${randomBytes(32).toString('base64')}\n`, 0o600);
  const root = Buffer.from(readFileSync(file, 'utf8').trim(), 'base64');
  if (root.length !== 32) throw new Error(`${file} is not a key file of Flotilla's: it must hold 32 bytes in base64`);
  const derive = (use: string): Buffer => Buffer.from(hkdfSync('sha256', root, '', `flotilla ${use}`, 32));
  const encryption = derive('encryption');
  const authentication = derive('authentication');
  return {
    encrypt: async (plaintext, purpose) => {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', encryption, nonce).setAAD(canonical(purpose));
      return form + Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]).toString('base64');
    },
    decrypt: async (ciphertext, purpose) => {
      if (!ciphertext.startsWith(form)) throw new Error('not a ciphertext of this key');
      const bytes = Buffer.from(ciphertext.slice(form.length), 'base64');
      const decipher = createDecipheriv('aes-256-gcm', encryption, bytes.subarray(0, nonceBytes)).setAAD(canonical(purpose));
      decipher.setAuthTag(bytes.subarray(-tagBytes));
      return Buffer.concat([decipher.update(bytes.subarray(nonceBytes, -tagBytes)), decipher.final()]);
    },
    mac: async (data) => createHmac('sha256', authentication).update(data).digest(),
  };
}

/** The same purpose in any order of its members is the same bytes. */
function canonical(purpose: Readonly<Record<string, string>>): Buffer {
  return Buffer.from(JSON.stringify(Object.entries(purpose).sort(([one], [other]) => (one < other ? -1 : 1))));
}
