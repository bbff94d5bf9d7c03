/** Command and Policy documents, which agents run (spec: documents.md §8). */
import { checkDeclarations, nodeTypes } from '../parameter-rules.ts';
import { onlyMembers, text } from '../shapes.ts';
import { checkMainSteps, checkRuntimeConfig } from './command-steps.ts';
import { platformTypesOf } from './platforms.ts';
import { structured, type Reading, type TypeRules } from './rules.ts';
import type { Violations } from '../violations.ts';

export const command: TypeRules = {
  formats: structured,
  schemaVersions: ['1.2', '2.0', '2.2'],
  isMapping: true,
  check,
  platforms: platformTypesOf,
};
export const policy: TypeRules = { ...command, schemaVersions: ['2.0', '2.2'] };

function check({ content, schemaVersion }: Reading, faults: Violations): void {
  const body = schemaVersion === '1.2' ? 'runtimeConfig' : 'mainSteps';
  onlyMembers(content, ['schemaVersion', 'description', 'parameters', body], [], faults);
  text(content, 'description', [], faults);
  checkDeclarations(content.parameters, nodeTypes, faults);
  if (schemaVersion === '1.2') checkRuntimeConfig(content.runtimeConfig, faults);
  else checkMainSteps(content.mainSteps, schemaVersion, faults);
}
