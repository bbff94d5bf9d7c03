/** Archives as the system's own tar reads them. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { tar, tarHeader, type TarEntry } from '../../../local/backup/tar.ts';
import { temporaryFolder } from '../../support/state.ts';

let folder: string;
let remove: () => void;
beforeEach(() => ({ folder, remove } = temporaryFolder()));
afterEach(() => remove());

const modified = Date.UTC(2026, 0, 5, 9);
const entry = (name: string, content: string): TarEntry => ({
  name,
  size: Buffer.byteLength(content),
  modified,
  content: [Buffer.from(content)],
});

async function archiveOf(entries: readonly TarEntry[]): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of tar(entries)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

test('files of any length come out as they went in, with their time, for their owner alone', async () => {
  const contents = new Map(
    [0, 1, 511, 512, 513, 100_000].map((size) => [`sub/folder/${size}`, 'é'.repeat(size).slice(0, size)]),
  );
  writeFileSync(
    path.join(folder, 'a.tar'),
    await archiveOf([...contents].map(([name, content]) => entry(name, content))),
  );
  const out = path.join(folder, 'out');
  mkdirSync(out);
  execFileSync('tar', ['-xf', path.join(folder, 'a.tar'), '-C', out]);
  for (const [name, content] of contents) {
    expect(readFileSync(path.join(out, name), 'utf8')).toBe(content);
    expect(statSync(path.join(out, name)).mode & 0o777).toBe(0o600);
    expect(statSync(path.join(out, name)).mtimeMs).toBe(modified);
  }
});

test('a size beyond 8 GB is written as tar reads it', () => {
  const size = 3 * 2 ** 40 + 17;
  const listed = execFileSync('tar', ['--numeric-owner', '-tvf', '-'], {
    input: Buffer.concat([
      tarHeader({ name: 'huge', size: 0, modified }),
      tarHeader({ name: 'empty', size: 0, modified }),
      Buffer.alloc(1024),
    ]),
  }).toString();
  expect(listed).toMatch(/^-rw------- 0\/0 +0 .* huge$/m);
  const header = tarHeader({ name: 'huge', size, modified });
  writeFileSync(path.join(folder, 'huge.tar'), header);
  // It lists the header, and then misses the content.
  let text = '';
  try {
    execFileSync('tar', ['-tvf', path.join(folder, 'huge.tar')], { stdio: ['ignore', 'pipe', 'ignore'] });
  } catch (error) {
    text = String((error as { stdout: Buffer }).stdout);
  }
  expect(text).toContain(` ${size} `);
});

test('a content that is not as long as was said is no archive', async () => {
  await expect(archiveOf([{ ...entry('a', 'abc'), size: 4 }])).rejects.toThrow('a has 3 bytes, not 4');
  await expect(archiveOf([entry('x'.repeat(101), '')])).rejects.toThrow(/too long/);
});
