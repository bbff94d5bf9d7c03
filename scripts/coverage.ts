/**
 * Makes docs/coverage.md: every operation of every service, and whether it is answered. From the models and the
 * registry, so that it cannot say more than is true; a test fails when it is stale.
 *
 *   node scripts/coverage.ts
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ApiTables } from '../functions/api/api.ts';
import { loadModel } from '../functions/api/model.ts';
import { services } from '../functions/api/services.ts';
import { tables } from '../functions/api/tables.ts';
import agentModel from '../functions/api/models/ssm-agent.json' with { type: 'json' };

export const coverageFile = path.join(import.meta.dirname, '../docs/coverage.md');

/** Operations that only agents call: ssm-agent.json also holds two of the public API that ssm's model lacks. */
const agentOnly = Object.keys(agentModel.operations).filter((name) => !name.includes('DefaultHostManagement'));

/** The text of the page. */
export async function coveragePage({ operations, extensions }: ApiTables): Promise<string> {
  const sections: { title: string; names: string[]; answered: (name: string) => boolean }[] = [];
  for (const { name } of services) {
    const table = operations[name] ?? {};
    const answered = (operation: string): boolean => table[operation] !== undefined;
    const names = Object.keys((await loadModel(name)).operations).filter(
      (operation) => name !== 'ssm' || !agentOnly.includes(operation),
    );
    sections.push({ title: name, names, answered });
    if (name === 'ssm') sections.push({ title: 'ssm, called by agents only', names: agentOnly, answered });
  }
  const lines = [
    '# Coverage',
    '',
    'This page lists the operations of AWS’s API, and says which of them Flotilla answers. It refuses the others with',
    '`UnknownOperationException`. `node scripts/coverage.ts` makes this page from the models and the code.',
    '',
    '| service | answered | of |',
    '|---|---|---|',
    ...sections.map(
      ({ title, names, answered }) => `| ${title} | ${names.filter(answered).length} | ${names.length} |`,
    ),
    '',
  ];
  for (const { title, names, answered } of sections) {
    lines.push(`## ${title}`, '', '| operation | answered |', '|---|---|');
    for (const name of [...names].sort()) lines.push(`| ${name} | ${answered(name) ? 'yes' : ''} |`);
    lines.push('');
  }
  lines.push(
    '## Calls that AWS’s API does not have',
    '',
    'They are signed like the others, with the service name `flotilla`.',
    '',
    '| call | roles |',
    '|---|---|',
  );
  for (const [name, { roles }] of Object.entries(extensions).sort(([one], [other]) => (one < other ? -1 : 1)))
    lines.push(`| \`${name}\` | ${roles.join(', ')} |`);
  return `${lines.join('\n')}\n`;
}

if (import.meta.main) writeFileSync(coverageFile, await coveragePage(tables));
