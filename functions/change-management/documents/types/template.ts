/** The rules for CloudFormation templates. */
import { parseContent, UnreadableText, type Content, type Path } from '../content.ts';
import { mapping } from '../shapes.ts';
import type { Violations } from '../violations.ts';
import { any, anything, nowhere, structured, type Reading, type TypeRules } from './rules.ts';

export const cloudFormation: TypeRules = {
  formats: structured,
  schemaVersions: [],
  isMapping: true,
  check,
  platforms: nowhere,
};

/** Stored unchanged: only its user can judge it. */
export const opaque: TypeRules = {
  formats: any,
  schemaVersions: [],
  isMapping: false,
  check: anything,
  platforms: nowhere,
};

/** The template itself, or wrapped as in AWS's own documents: `{schemaVersion, templateBody}`. */
function check({ content }: Reading, faults: Violations): void {
  const { templateBody } = content;
  if (templateBody === undefined || content.Resources !== undefined) return checkTemplate(content, [], faults);
  const path = ['templateBody'];
  const template = typeof templateBody === 'string' ? parseBody(templateBody, path, faults) : templateBody;
  if (template === undefined) return;
  const given = mapping(template, path, faults);
  if (given !== undefined) checkTemplate(given, path, faults);
}

function parseBody(body: string, path: Path, faults: Violations): Content | undefined {
  try {
    return parseContent(body, body.trimStart().startsWith('{') ? 'JSON' : 'YAML');
  } catch (error) {
    if (!(error instanceof UnreadableText)) throw error;
    faults.add(path, `is not a template. ${error.message}`);
    return undefined;
  }
}

function checkTemplate({ Resources: resources }: Content, path: Path, faults: Violations): void {
  const at = [...path, 'Resources'];
  if (resources === undefined) return faults.add(path, 'has no Resources');
  for (const [name, resource] of Object.entries(mapping(resources, at, faults) ?? {})) {
    const given = mapping(resource, [...at, name], faults);
    if (given !== undefined && typeof given.Type !== 'string')
      faults.add([...at, name, 'Type'], 'is missing; it says what the resource is');
  }
}
