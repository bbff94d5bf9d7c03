import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Keys } from '../../core/keys.ts';
import { KeyFileError, openKeyFile } from '../../local/key-file.ts';
import { temporaryFolder } from '../support/state.ts';

let folder: string;
let remove: () => void;
let file: string;
let keys: Keys;

beforeEach(() => {
  ({ folder, remove } = temporaryFolder());
  file = path.join(folder, 'key');
  keys = openKeyFile(file);
});
afterEach(() => remove());

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const secret = bytes('wJalrXUtnFEMI');
const purpose = { purpose: 'access-key', accessKeyId: 'AKIATEST' };

test('what was encrypted comes back, of any length, under the same purpose in any order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 500 }),
      fc.dictionary(fc.string(), fc.string(), { maxKeys: 4 }),
      async (plaintext, anyPurpose) => {
        const ciphertext = await keys.encrypt(plaintext, anyPurpose);
        const reversed = Object.fromEntries(Object.entries(anyPurpose).reverse());
        expect(new Uint8Array(await keys.decrypt(ciphertext, reversed))).toEqual(plaintext);
      },
    ),
    { numRuns: 100 },
  );
});

test('it comes back after a restart', async () => {
  const ciphertext = await keys.encrypt(secret, purpose);
  expect(Buffer.from(await openKeyFile(file, { make: false }).decrypt(ciphertext, purpose))).toEqual(
    Buffer.from(secret),
  );
});

test('a ciphertext shows nothing of the secret, and no two are alike', async () => {
  const both = await Promise.all([keys.encrypt(secret, purpose), keys.encrypt(secret, purpose)]);
  expect(both[0]).not.toBe(both[1]);
  for (const one of both) expect(Buffer.from(one.slice(3), 'base64').includes(Buffer.from(secret))).toBe(false);
});

describe('what is refused', () => {
  test.each([
    ['another purpose', { ...purpose, accessKeyId: 'AKIAOTHER' }],
    ['a purpose with less', { purpose: 'access-key' }],
    ['none', {}],
  ])('%s', async (_name, other) => expect(keys.decrypt(await keys.encrypt(secret, purpose), other)).rejects.toThrow());

  test('a ciphertext with any bit changed', async () => {
    const ciphertext = await keys.encrypt(secret, purpose);
    const raw = Buffer.from(ciphertext.slice(3), 'base64');
    for (let at = 0; at < raw.length; at++) {
      const changed = Buffer.from(raw);
      changed[at]! ^= 1 << (at % 8);
      await expect(keys.decrypt(`v1.${changed.toString('base64')}`, purpose)).rejects.toThrow();
    }
  });

  test('a ciphertext cut short, of another form, or none', async () => {
    const ciphertext = await keys.encrypt(secret, purpose);
    for (const bad of [
      ciphertext.slice(0, -4),
      ciphertext.slice(0, 20),
      'v1.',
      '',
      ciphertext.replace('v1.', 'v2.'),
      'hello',
    ])
      await expect(keys.decrypt(bad, purpose)).rejects.toThrow();
  });

  test('a ciphertext of another key', async () => {
    const other = openKeyFile(path.join(folder, 'other'));
    await expect(other.decrypt(await keys.encrypt(secret, purpose), purpose)).rejects.toThrow();
  });
});

test('a MAC is the same for the same text and key, and other for any other', async () => {
  const mac = Buffer.from(await keys.mac('token'));
  expect(mac).toHaveLength(32);
  expect(Buffer.from(await openKeyFile(file).mac('token'))).toEqual(mac);
  expect(Buffer.from(await keys.mac('token2'))).not.toEqual(mac);
  expect(Buffer.from(await openKeyFile(path.join(folder, 'other')).mac('token'))).not.toEqual(mac);
});

describe('the file', () => {
  const mode = (): number => statSync(file).mode & 0o777;

  test('is read by its owner alone, also when it was put back carelessly', () => {
    expect(mode()).toBe(0o600);
    chmodSync(file, 0o644);
    openKeyFile(file);
    expect(mode()).toBe(0o600);
  });

  test('is never made anew where secrets are kept under it', () => {
    rmSync(file);
    expect(() => openKeyFile(file, { make: false })).toThrow(KeyFileError);
    expect(() => readFileSync(file)).toThrow();
  });

  test.each(['', 'short', 'x'.repeat(100)])('that holds %j is none', (content) => {
    writeFileSync(file, content);
    expect(() => openKeyFile(file)).toThrow(KeyFileError);
  });
});
