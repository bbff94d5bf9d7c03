/**
 * Compares rights with what the tests used. First
 * `FLOTILLA_RIGHTS_USED=/tmp/used npx vitest run --project unit --project promises`, in which nothing is refused, then
 * `node scripts/compare-rights.ts /tmp/used`. It prints what is missing in events/rights.ts, and what no test used:
 * candidates to take away, but for what only AWS does (the publisher's queue, say). Ends with 1 when something is
 * missing.
 */
import { readFileSync } from 'node:fs';
import { functionNames, rightsOf } from '../events/rights.ts';

interface Use {
  readonly function: string;
  readonly right: string;
  readonly what: string;
  /** Absent: nothing allows it. */
  readonly pattern?: string;
}

const [file = ''] = process.argv.slice(2);
const uses = readFileSync(file, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Use);

const missing = new Set(
  uses.flatMap(({ function: name, right, what, pattern }) =>
    pattern === undefined ? [`missing: ${name} ${right} ${what}`] : [],
  ),
);
for (const line of [...missing].sort()) console.log(line);

const used = new Set(uses.map(({ function: name, right, pattern = '' }) => `${name} ${right} ${pattern}`));
for (const name of functionNames)
  for (const [right, patterns] of Object.entries(rightsOf(name) as Record<string, readonly string[] | true>))
    for (const pattern of patterns === true ? [''] : patterns)
      if (!used.has(`${name} ${right} ${pattern}`)) console.log(`unused: ${name} ${right} ${pattern}`.trimEnd());

process.exitCode = missing.size > 0 ? 1 : 0;
