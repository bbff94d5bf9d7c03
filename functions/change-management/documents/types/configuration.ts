/**
 * AppConfig's documents: a configuration and the schema that it must match (spec: documents.md §3, appconfig.md §1).
 */
import { onlyMembers } from '../shapes.ts';
import type { Violations } from '../violations.ts';
import { any, anything, nowhere, structured, type Reading, type TypeRules } from './rules.ts';

/** Whether it matches is checked after its schema was read: see configuration-schema.ts. */
export const applicationConfiguration: TypeRules = {
  formats: any,
  schemaVersions: [],
  isMapping: false,
  check: anything,
  platforms: nowhere,
};

export const applicationConfigurationSchema: TypeRules = {
  formats: structured,
  schemaVersions: [],
  isMapping: true,
  check: anything,
  platforms: nowhere,
};

export const deploymentStrategy: TypeRules = {
  formats: structured,
  schemaVersions: [],
  isMapping: true,
  check: checkStrategy,
  platforms: nowhere,
};

/** The members that AppConfig writes when a strategy is copied to a document. */
const strategyMembers: Readonly<Record<string, readonly [least: number, most: number] | readonly string[] | 'text'>> = {
  Id: 'text',
  Name: 'text',
  Description: 'text',
  DeploymentDurationInMinutes: [0, 1440],
  FinalBakeTimeInMinutes: [0, 1440],
  GrowthFactor: [1, 100],
  GrowthType: ['LINEAR', 'EXPONENTIAL'],
  ReplicateTo: ['NONE', 'SSM_DOCUMENT'],
};

function checkStrategy({ content }: Reading, faults: Violations): void {
  onlyMembers(content, [...Object.keys(strategyMembers), 'schemaVersion'], [], faults);
  for (const [name, rule] of Object.entries(strategyMembers)) {
    const value = content[name];
    if (value === undefined) continue;
    if (rule === 'text') {
      if (typeof value !== 'string') faults.add([name], 'must be text');
    } else if (typeof rule[0] === 'number') {
      const [least, most] = rule as readonly [number, number];
      if (typeof value !== 'number' || value < least || value > most)
        faults.add([name], `must be a number from ${least} to ${most}`);
    } else if (!(rule as readonly unknown[]).includes(value)) faults.add([name], `must be ${rule.join(' or ')}`);
  }
  for (const name of ['DeploymentDurationInMinutes', 'GrowthFactor'])
    if (content[name] === undefined) faults.add([], `has no ${name}`);
}
