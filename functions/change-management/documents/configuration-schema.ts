/** JSON Schemas for AppConfig's configurations: drafts 4, 6, 7, 2019-09 and 2020-12 (spec: appconfig.md §4). */
import type { Ajv as AjvType, ValidateFunction } from 'ajv';
import type { DocumentRequires } from '@aws-sdk/client-ssm';
import type { RequestContext } from '../../../core/context.ts';
import { InvalidDocument, ValidationException } from '../../../core/errors.ts';
import { patternFault } from '../../../core/patterns/index.ts';
import type { Content } from './content.ts';
import { InvalidDocumentContent } from './errors.ts';
import { resolveDocument } from './resolve-document.ts';
import { SchemaPatterns } from './schema-patterns.ts';
import { TimeLimit, TooMuchWork } from './time-limit.ts';
import type { Reading } from './types/rules.ts';
import { explain, Violations } from './violations.ts';

/**
 * Milliseconds for a schema and a configuration, on the main thread. A small schema can ask for more work than anybody
 * can wait for: references double with each level, and `uniqueItems` compares every item with every other.
 */
const longest = 1_000;

/**
 * Makes validators of a schema's draft. The packages are loaded with the first schema: the start should not wait for
 * them.
 */
async function validatorOf(schema: Content, patterns: SchemaPatterns): Promise<() => AjvType> {
  const draft = typeof schema.$schema === 'string' ? schema.$schema : '';
  const options = { strict: false, allErrors: true, logger: false, code: { regExp: patterns.regExp } };
  const { default: formats } = await import('ajv-formats');
  const outer = (
    draft.includes('draft-04')
      ? await import('ajv-draft-04')
      : draft.includes('2020-12')
        ? await import('ajv/dist/2020.js')
        : draft.includes('2019-09')
          ? await import('ajv/dist/2019.js')
          : await import('ajv')
  ) as { default: unknown };
  // The packages are CommonJS: their classes are one level deeper than their types say.
  const Class = (
    typeof outer.default === 'function' ? outer.default : (outer.default as { default: unknown }).default
  ) as new (given: typeof options) => AjvType;
  const draft6 = draft.includes('draft-06')
    ? (await import('ajv/dist/refs/json-schema-draft-06.json', { with: { type: 'json' } })).default
    : undefined;
  return () => {
    const ajv = new Class(options);
    if (draft6 !== undefined) ajv.addMetaSchema(draft6);
    (formats as unknown as (one: AjvType) => void)(ajv);
    ajv.addFormat('regex', (text: string) => patternFault(text) === undefined);
    return ajv;
  };
}

/** @throws InvalidDocumentContent for what is no JSON Schema */
export async function checkSchema({ content }: Pick<Reading, 'content'>): Promise<void> {
  await compiled(content, new SchemaPatterns(), new TimeLimit(longest));
}

/**
 * Checks that a configuration matches every schema that it requires.
 * @throws ValidationException without a schema, InvalidDocument for a schema that does not exist
 * @throws InvalidDocumentContent with the line and what does not match
 */
export async function checkConfiguration(
  { text, value }: Reading,
  requires: readonly DocumentRequires[] | undefined,
  context: RequestContext,
): Promise<void> {
  if (requires === undefined || requires.length === 0)
    throw new ValidationException(
      'A document of type ApplicationConfiguration requires a document of type ApplicationConfigurationSchema: name it in Requires.',
    );
  for (const { Name: name = '', Version: version } of requires) {
    const schema = await resolveDocument(context, name, version);
    if (schema.documentType !== 'ApplicationConfigurationSchema')
      throw new InvalidDocument(
        `Document ${schema.name} is of type ${schema.documentType}, not ApplicationConfigurationSchema.`,
      );
    const patterns = new SchemaPatterns();
    const limit = new TimeLimit(longest);
    const validate = await compiled(schema.content, patterns, limit);
    if (await patterns.settle(() => inTime(limit, () => validate(value)), context.caller.arn)) continue;
    const faults = new Violations();
    for (const { instancePath, message = '' } of validate.errors ?? []) faults.add(pathOf(instancePath), message);
    throw new InvalidDocumentContent(
      `The configuration does not fit the schema ${schema.name}: ${explain(faults.found, text)}`,
    );
  }
}

/** @throws InvalidDocumentContent */
function inTime<T>(limit: TimeLimit, work: () => T): T {
  try {
    return limit.run(work);
  } catch (error) {
    if (error instanceof TooMuchWork)
      throw new InvalidDocumentContent('The configuration takes too long to compare with the schema.');
    throw error;
  }
}

async function compiled(schema: Content, patterns: SchemaPatterns, limit: TimeLimit): Promise<ValidateFunction> {
  try {
    const { $id: _id, id: _old, ...rest } = schema;
    const newValidator = await validatorOf(schema, patterns);
    return limit.run(() => newValidator().compile(rest));
  } catch (error) {
    if (error instanceof TooMuchWork) throw new InvalidDocumentContent('The JSON Schema takes too long to read.');
    throw new InvalidDocumentContent(
      `The document is not a JSON Schema: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** The parts of a JSON Pointer; numbers are indexes in lists. */
function pathOf(pointer: string): (string | number)[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}
