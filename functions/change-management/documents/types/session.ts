/** Session documents: schema 1.0 (spec: session-manager.md §5). */
import { checkDeclarations, nodeTypes } from '../parameter-rules.ts';
import type { Path } from '../content.ts';
import { isMapping, isSwitch, mapping, onlyMembers, text, type Mapping } from '../shapes.ts';
import type { Violations } from '../violations.ts';
import { platforms, type Platform } from './plugins.ts';
import { structured, type Reading, type TypeRules } from './rules.ts';

const sessionTypes = ['Standard_Stream', 'InteractiveCommands', 'NonInteractiveCommands', 'Port'];
const texts = ['s3BucketName', 's3KeyPrefix', 'cloudWatchLogGroupName', 'kmsKeyId', 'runAsDefaultUser'];
const switches = ['s3EncryptionEnabled', 'cloudWatchEncryptionEnabled', 'cloudWatchStreamingEnabled', 'runAsEnabled'];
/** Minutes. */
const times: Readonly<Record<string, number>> = { idleSessionTimeout: 60, maxSessionDuration: 1440 };
const systems = ['linux', 'windows', 'macos'];

export const session: TypeRules = {
  formats: structured,
  schemaVersions: ['1.0'],
  isMapping: true,
  check,
  platforms: platformsOf,
};

function check({ content }: Reading, faults: Violations): void {
  onlyMembers(
    content,
    ['schemaVersion', 'description', 'sessionType', 'inputs', 'parameters', 'properties'],
    [],
    faults,
  );
  text(content, 'description', [], faults);
  const type = text(content, 'sessionType', [], faults);
  if (content.sessionType === undefined) faults.add([], 'has no sessionType');
  else if (type !== undefined && !sessionTypes.includes(type))
    faults.add(['sessionType'], `must be one of ${sessionTypes.join(', ')}`);
  checkDeclarations(content.parameters, nodeTypes, faults);
  if (content.inputs !== undefined) checkInputs(content.inputs, faults);
  const properties = content.properties === undefined ? undefined : mapping(content.properties, ['properties'], faults);
  if (type === 'Port' && properties?.portNumber === undefined)
    faults.add(['properties', 'portNumber'], 'is missing; a Port session needs it');
  if (type === 'InteractiveCommands' || type === 'NonInteractiveCommands') checkCommands(type, properties, faults);
}

/** Texts and switches may have either form: consoles write preferences with both. */
function checkInputs(inputs: unknown, faults: Violations): void {
  const path = ['inputs'];
  const given = mapping(inputs, path, faults);
  if (given === undefined) return;
  onlyMembers(given, [...texts, ...switches, ...Object.keys(times), 'shellProfile'], path, faults);
  for (const name of texts) text(given, name, path, faults);
  for (const name of switches)
    if (given[name] !== undefined && !isSwitch(given[name])) faults.add([...path, name], 'must be true or false');
  for (const [name, most] of Object.entries(times)) checkMinutes(given[name], most, [...path, name], faults);
  if (given.shellProfile === undefined) return;
  const profile = mapping(given.shellProfile, [...path, 'shellProfile'], faults);
  if (profile === undefined) return;
  onlyMembers(profile, ['windows', 'linux'], [...path, 'shellProfile'], faults);
  for (const name of ['windows', 'linux']) text(profile, name, [...path, 'shellProfile'], faults);
}

function checkMinutes(value: unknown, most: number, path: Path, faults: Violations): void {
  if (value === undefined || value === '' || (typeof value === 'string' && value.includes('{{'))) return;
  const minutes = Number(value);
  if (!Number.isInteger(minutes) || minutes < 1 || minutes > most)
    faults.add(path, `must be minutes from 1 to ${most}`);
}

function checkCommands(type: string, properties: Mapping | undefined, faults: Violations): void {
  const present = systems.filter((name) => properties?.[name] !== undefined);
  if (present.length === 0) return faults.add(['properties'], `is without linux, windows or macos; ${type} needs one`);
  for (const name of present) {
    const path = ['properties', name];
    const given = mapping(properties?.[name], path, faults);
    if (given === undefined) continue;
    const { commands } = given;
    if (
      typeof commands !== 'string' &&
      !(Array.isArray(commands) && commands.every((line) => typeof line === 'string'))
    )
      faults.add([...path, 'commands'], 'must be text or a list of texts');
  }
}

function platformsOf({ properties }: { readonly properties?: unknown }): readonly Platform[] {
  const named: readonly Platform[] = isMapping(properties)
    ? platforms.filter((platform) => properties[platform.toLowerCase()] !== undefined)
    : [];
  return named.length === 0 ? platforms : named;
}
