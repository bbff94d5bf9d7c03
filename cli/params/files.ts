/** A tree as text: JSON and YAML, which have types, and dotenv, which has only names and values. */
import path from 'node:path';
import { parse as parseYaml, stringify as stringifyYaml } from 'yaml';
import { Failed } from '../failed.ts';
import { readDotenv, variableOf, writeDotenv } from './dotenv.ts';
import { checkName, parameterTypes, sorted, type Entry, type ParameterType, type Tree } from './tree.ts';

export const formats = ['json', 'yaml', 'dotenv'] as const;
export type Format = (typeof formats)[number];

const members = ['Type', 'Value', 'Description', 'DataType', 'AllowedPattern', 'KeyId', 'Tier', 'Policies'] as const;

/** The defaults of AWS's parameters, which are not written. */
const defaults: Readonly<Partial<Record<(typeof members)[number], string>>> = {
  Description: '',
  DataType: 'text',
  AllowedPattern: '',
  KeyId: 'alias/aws/ssm',
  Tier: 'Standard',
  Policies: '[]',
};

/**
 * The format by the end of the file's name: `.json`, `.yaml`, `.yml`, `.env`; also `.env.prod`.
 * @throws Failed for another name
 */
export function formatOf(file: string): Format {
  const name = path.basename(file);
  const ending = path.extname(name);
  if (ending === '.json') return 'json';
  if (ending === '.yaml' || ending === '.yml') return 'yaml';
  if (ending === '.env' || name === '.env' || name.startsWith('.env.')) return 'dotenv';
  throw new Failed(`which format is ${file} of? --format says it`, 2);
}

/** Many programs read YAML 1.1, where an unquoted `no` is false. */
const yamlFor11 = { compat: 'yaml-1.1', lineWidth: 0, aliasDuplicateObjects: false } as const;

/** @throws Failed for two names that are the same variable in dotenv */
export function writeTree(tree: Tree, format: Format): string {
  if (format === 'dotenv') return dotenvOf(tree);
  const entries = Object.fromEntries(Array.from(sorted(tree), ([name, entry]) => [name, written(entry)]));
  return format === 'json' ? `${JSON.stringify(entries, null, 2)}\n` : stringifyYaml(entries, yamlFor11);
}

function written(entry: Entry): Record<string, string> {
  const said = members.flatMap((member) => {
    const value = entry[member];
    return value === undefined || value === defaults[member] ? [] : [[member, value] as const];
  });
  return Object.fromEntries(said);
}

function dotenvOf(tree: Tree): string {
  const names = new Map<string, string>();
  const variables: [string, string][] = [];
  const comments: string[] = [];
  for (const [name, entry] of sorted(tree)) {
    const variable = variableOf(name);
    const other = names.get(variable);
    if (other !== undefined)
      throw new Failed(`${other} and ${name} would both be ${variable}: export them as JSON or YAML`);
    names.set(variable, name);
    if (entry.Value === undefined)
      comments.push(`${variable} is a ${entry.Type ?? 'parameter'} whose value is not shown`);
    else variables.push([variable, entry.Value]);
  }
  return writeDotenv(variables, comments);
}

/** @throws Failed with the fault and its position */
export function readTree(text: string, format: Format): Tree {
  if (format === 'dotenv') return sorted(Array.from(readDotenv(text), ([name, Value]) => [checkName(name), { Value }]));
  const read = parsed(text, format);
  if (typeof read !== 'object' || read === null || Array.isArray(read))
    throw new Failed('a file of parameters is an object: a name, then its value or { Type, Value }', 2);
  return sorted(Object.entries(read).map(([name, value]) => [checkName(name), entryOf(name, value)]));
}

function parsed(text: string, format: 'json' | 'yaml'): unknown {
  try {
    // failsafe: every scalar stays text. `no` is no boolean, 007 is not 7, 1.10 is not 1.1.
    return format === 'json' ? JSON.parse(text) : parseYaml(text, { schema: 'failsafe' });
  } catch (error) {
    throw new Failed(
      `this is no ${format.toUpperCase()}: ${error instanceof Error ? error.message : String(error)}`,
      2,
      { cause: error },
    );
  }
}

function entryOf(name: string, value: unknown): Entry {
  if (typeof value === 'string') return { Value: value };
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Failed(`${name} must be a text in quotes, or { Type, Value }`, 2);
  for (const [member, text] of Object.entries(value)) {
    if (!(members as readonly string[]).includes(member))
      throw new Failed(
        `${name} has a ${member}, which is none of ${members.join(', ')}. What lies below a name is written with slashes: ${name}/${member}`,
        2,
      );
    if (typeof text !== 'string') throw new Failed(`${member} of ${name} must be a text in quotes`, 2);
  }
  const entry = value as Entry;
  if (entry.Type !== undefined && !(parameterTypes as readonly string[]).includes(entry.Type))
    throw new Failed(`Type of ${name} is none of ${parameterTypes.join(', ')}`, 2);
  return { ...entry };
}

/** An entry without a type gets the type of the same parameter in the target, or else this one. */
export const withTypes = (tree: Tree, target: Tree, type: ParameterType): Tree =>
  new Map(
    Array.from(tree, ([name, entry]) => [name, { ...entry, Type: entry.Type ?? target.get(name)?.Type ?? type }]),
  );
