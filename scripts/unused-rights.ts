/**
 * Which rights no test used: candidates to take away. First
 * `FLOTILLA_RIGHTS_USED=/tmp/used npx vitest run --project unit --project promises`, then
 * `node scripts/unused-rights.ts /tmp/used`. What only AWS does (a gateway's lease, say) may show here.
 */
import { readFileSync } from 'node:fs';
import { functionNames, rightsOf } from '../events/rights.ts';

const [file = ''] = process.argv.slice(2);
interface Use {
  readonly function: string;
  readonly right: string;
  readonly pattern?: string;
}
const used = new Set(
  readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Use)
    .map(({ function: name, right, pattern = '' }) => `${name} ${right} ${pattern}`.trim()),
);
for (const name of functionNames)
  for (const [right, patterns] of Object.entries(rightsOf(name) as Record<string, readonly string[] | true>))
    for (const pattern of patterns === true ? [''] : patterns) {
      const line = `${name} ${right} ${pattern}`.trim();
      if (!used.has(line)) console.log(line);
    }
