import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';

test('docs/differences-from-aws.md is what its parts make', () => {
  const script = path.resolve(import.meta.dirname, '../../scripts/differences.js');
  expect(() => execFileSync(process.execPath, [script, '--check'], { stdio: 'pipe' })).not.toThrow();
});
