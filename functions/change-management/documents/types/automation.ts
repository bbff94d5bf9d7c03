/** Runbooks and change templates: schema 0.3 (spec: automation.md §5–7, change-manager.md §3.1). */
import { checkDeclarations, runbookTypes } from '../parameter-rules.ts';
import { isMapping, mapping, onlyMembers, text, type Mapping } from '../shapes.ts';
import type { Violations } from '../violations.ts';
import { checkAttachedFiles } from './attached-files.ts';
import { checkSteps } from './automation-steps.ts';
import { nowhere, structured, type Reading, type TypeRules } from './rules.ts';

const members = [
  'schemaVersion',
  'description',
  'assumeRole',
  'parameters',
  'variables',
  'mainSteps',
  'outputs',
  'files',
];
const templateMembers = [
  'templateInformation',
  'executableRunBooks',
  'emergencyChange',
  'autoApprovable',
  'monitors',
  'constraints',
];
const variableTypes = ['String', 'StringList', 'Boolean', 'Integer', 'StringMap', 'MapList'];

export const automation: TypeRules = {
  formats: structured,
  schemaVersions: ['0.3'],
  isMapping: true,
  check: ({ content }, faults) => checkRunbook(content, members, faults),
  platforms: nowhere,
};
export const changeTemplate: TypeRules = { ...automation, check: checkTemplate };

function checkRunbook(content: Mapping, known: readonly string[], faults: Violations): void {
  onlyMembers(content, known, [], faults);
  text(content, 'description', [], faults);
  const role = text(content, 'assumeRole', [], faults);
  if (role !== undefined && /\{\{\s*ssm:/.test(role)) faults.add(['assumeRole'], 'cannot come from Parameter Store');
  checkDeclarations(content.parameters, runbookTypes, faults);
  if (content.variables !== undefined) checkVariables(content.variables, faults);
  const steps = checkSteps(content.mainSteps, faults);
  if (content.outputs !== undefined) checkOutputs(content.outputs, steps, faults);
  if (content.files !== undefined) checkAttachedFiles(content.files, ['files'], faults);
}

function checkTemplate({ content }: Reading, faults: Violations): void {
  checkRunbook(content, [...members, ...templateMembers], faults);
  text(content, 'templateInformation', [], faults);
  for (const member of ['emergencyChange', 'autoApprovable'])
    if (content[member] !== undefined && typeof content[member] !== 'boolean')
      faults.add([member], 'must be true or false without quotes');
  const { executableRunBooks } = content;
  if (executableRunBooks === undefined) return;
  if (!Array.isArray(executableRunBooks)) return faults.add(['executableRunBooks'], 'must be a list of runbooks');
  for (const [at, runbook] of (executableRunBooks as readonly unknown[]).entries()) {
    const path = ['executableRunBooks', at];
    const given = mapping(runbook, path, faults);
    if (given !== undefined && typeof given.name !== 'string')
      faults.add([...path, 'name'], 'is missing; it names the runbook');
  }
}

function checkVariables(variables: unknown, faults: Violations): void {
  for (const [name, definition] of Object.entries(mapping(variables, ['variables'], faults) ?? {})) {
    const path = ['variables', name];
    const given = mapping(definition, path, faults);
    if (given === undefined) continue;
    onlyMembers(given, ['type', 'default', 'description'], path, faults);
    const type = text(given, 'type', path, faults);
    if (given.type === undefined) faults.add(path, 'has no type');
    else if (type !== undefined && !variableTypes.includes(type))
      faults.add([...path, 'type'], `must be one of ${variableTypes.join(', ')}`);
  }
}

/** A list of `step.Output`. Computed outputs are only known when the runbook runs. */
function checkOutputs(outputs: unknown, steps: ReadonlySet<string>, faults: Violations): void {
  if (!Array.isArray(outputs)) return faults.add(['outputs'], 'must be a list of texts');
  for (const [at, output] of (outputs as readonly unknown[]).entries()) {
    if (isMapping(output)) continue;
    if (typeof output !== 'string') faults.add(['outputs', at], 'must be text');
    else if (/^\w+\./.test(output) && !steps.has(output.slice(0, output.indexOf('.'))))
      faults.add(['outputs', at], `${output.slice(0, output.indexOf('.'))} is not a step`);
  }
}
