/** Templates of CloudFormation: what they must be to be templates at all. */
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

/** Kept as it is: who reads it judges it. */
export const opaque: TypeRules = {
  formats: any,
  schemaVersions: [],
  isMapping: false,
  check: anything,
  platforms: nowhere,
};

function check({ content }: Reading, faults: Violations): void {
  if (content.Resources === undefined) return faults.add([], 'has no Resources');
  for (const [name, resource] of Object.entries(mapping(content.Resources, ['Resources'], faults) ?? {})) {
    const given = mapping(resource, ['Resources', name], faults);
    if (given !== undefined && typeof given.Type !== 'string')
      faults.add(['Resources', name, 'Type'], 'is missing; it says what the resource is');
  }
}
