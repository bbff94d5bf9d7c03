/** `npm run bench -- NAME [ARGUMENTS]`: runs test/bench/NAME.ts; without a name it lists them. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const folder = path.resolve(import.meta.dirname, '../test/bench');
const [name, ...rest] = process.argv.slice(2);
const file = path.join(folder, `${name}.ts`);
if (name === undefined || !existsSync(file)) {
  console.log('npm run bench -- NAME [ARGUMENTS]\n');
  for (const entry of readdirSync(folder).sort()) {
    const text = readFileSync(path.join(folder, entry), 'utf8');
    // Programs contain the line that says how to run them; other files are parts of them.
    if (/npm run bench|node .*test\/bench/.test(text))
      console.log(`  ${entry.replace('.ts', '').padEnd(14)} ${/\/\*\*\s*\*?\s*([^\n]*)/.exec(text)?.[1] ?? ''}`);
  }
  process.exit(name === undefined ? 0 : 2);
}
spawn(process.execPath, ['--expose-gc', '--disable-warning=ExperimentalWarning', file, ...rest], {
  stdio: 'inherit',
}).once('close', (code) => process.exit(code ?? 1));
