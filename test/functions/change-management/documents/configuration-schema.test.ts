/** A JSON Schema, or a configuration, that would take for ever is refused, and the process goes on. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { room } from '../../../../functions/change-management/documents/room.ts';
import { testContext, type TestContext } from '../../../support/context.ts';

let flotilla: TestContext;
beforeEach(() => {
  flotilla = testContext();
});
afterEach(async () => {
  await flotilla.close();
});

const { CreateDocument } = room.operations.ssm;

async function check(schema: object, configuration: unknown): Promise<unknown> {
  const context = flotilla.as();
  await CreateDocument(
    { Name: 'Schema', DocumentType: 'ApplicationConfigurationSchema', Content: JSON.stringify(schema) },
    context,
  );
  return CreateDocument(
    {
      Name: 'Configuration',
      DocumentType: 'ApplicationConfiguration',
      Content: JSON.stringify(configuration),
      Requires: [{ Name: 'Schema', Version: '$DEFAULT' }],
    },
    context,
  );
}

/** Each level asks for the next one twice. */
function doubling(levels: number): object {
  const $defs: Record<string, object> = { [`level${levels}`]: { type: 'number' } };
  for (let level = 0; level < levels; level++)
    $defs[`level${level}`] = { allOf: [{ $ref: `#/$defs/level${level + 1}` }, { $ref: `#/$defs/level${level + 1}` }] };
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', $ref: '#/$defs/level0', $defs };
}

test('references that double with each level', async () => {
  await expect(check(doubling(3), 1)).resolves.toBeDefined();
  await flotilla.close();
  flotilla = testContext();
  await expect(check(doubling(60), 1)).rejects.toThrow('takes too long');
});

test('a schema that refers to itself without end', async () => {
  await expect(check({ allOf: [{ $ref: '#' }] }, { a: 1 })).rejects.toThrow('takes too long');
});

test('every item compared with every other, many times', async () => {
  const once = { uniqueItems: true, items: { type: 'object' } };
  const items = Array.from({ length: 4_000 }, (_, place) => ({ a: place }));
  await expect(check({ allOf: Array.from({ length: 400 }, () => once) }, items)).rejects.toThrow('takes too long');
});
