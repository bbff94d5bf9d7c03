import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { replaceFile } from '../../core/replace-file.ts';
import { temporaryFolder } from '../support/state.ts';

let folder: string;
let remove: () => void;
beforeEach(() => ({ folder, remove } = temporaryFolder()));
afterEach(() => remove());

test('replaces the whole file, with the mode asked for, and leaves nothing beside it', () => {
  const file = path.join(folder, 'key');
  writeFileSync(file, 'something much longer than what follows', { mode: 0o644 });
  replaceFile(file, 'new', 0o600);
  expect(readFileSync(file, 'utf8')).toBe('new');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toEqual(['key']);
});

test('what cannot take the place of the old leaves the old, and nothing beside it', () => {
  const file = path.join(folder, 'taken');
  mkdirSync(path.join(file, 'full'), { recursive: true });
  expect(() => replaceFile(file, 'new', 0o600)).toThrow();
  expect(readdirSync(folder)).toEqual(['taken']);
});
