import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import type { judge } from '../../../core/patterns/index.ts';

test('in a bundle of one file, as Lambda runs it, the thread is there too', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'flotilla-bundle-'));
  const outfile = path.join(folder, 'index.mjs');
  await build({
    entryPoints: [path.resolve(import.meta.dirname, '../../../core/patterns/index.ts')],
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    outfile,
  });
  const bundle = (await import(pathToFileURL(outfile).href)) as { readonly judge: typeof judge };
  const questions = [
    { pattern: '^(?=.*\\d)[a-z\\d]+$', text: 'abc1'.repeat(1_000) },
    { pattern: '^(a+)+$', text: `${'a'.repeat(40)}!` },
  ];
  expect(await bundle.judge(questions, 'somebody')).toEqual(['match', 'unjudged']);
  rmSync(folder, { recursive: true });
});
