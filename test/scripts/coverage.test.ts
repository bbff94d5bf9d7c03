import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loadModel } from '../../functions/api/model.ts';
import { services } from '../../functions/api/services.ts';
import { tables } from '../../functions/api/tables.ts';
import { coverageFile, coveragePage } from '../../scripts/coverage.ts';

describe('the coverage page', () => {
  test('says what is registered: if this fails, run `node scripts/coverage.ts`', async () => {
    expect(readFileSync(coverageFile, 'utf8')).toBe(await coveragePage(tables));
  });

  test('has a line for each operation, marked only where it is answered', async () => {
    const page = await coveragePage({ operations: { ssm: { SendCommand: () => undefined } }, extensions: {} });
    expect(page).toContain('| ssm | 1 | 154 |');
    expect(page).toContain('| ssm, called by agents only | 0 | 8 |');
    expect(page).toContain('\n| SendCommand | yes |\n');
    expect(page).toContain('\n| ListCommands |  |\n');
  });
});

test('nothing is registered that the models do not have', async () => {
  for (const { name } of services) {
    const { operations } = await loadModel(name);
    for (const registered of Object.keys(tables.operations[name] ?? {}))
      expect(operations, `${name} ${registered}`).toHaveProperty(registered);
  }
});
