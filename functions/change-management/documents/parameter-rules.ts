/** The rules for a document's parameters. Pure. */
import { patternFault } from '../../../core/patterns/index.ts';
import type { Path } from './content.ts';
import { isList, parameterTypes, type ParameterType } from './parameters.ts';
import { count, isMapping, mapping, onlyMembers, text, type Mapping } from './shapes.ts';
import type { Violations } from './violations.ts';

const members = [
  'type',
  'description',
  'default',
  'allowedValues',
  'allowedPattern',
  'displayType',
  'minItems',
  'maxItems',
  'minChars',
  'maxChars',
  'interpolationType',
];
const displayTypes = ['textfield', 'textarea'];

/** Which types parameters may have. Runbooks also allow AWS's resource types. */
export type AllowedTypes = (type: string) => boolean;
export const nodeTypes: AllowedTypes = (type) => isType(type);
export const runbookTypes: AllowedTypes = (type) => isType(type) || /^(List<)?AWS::\w+::\w+(::\w+)*>?$/.test(type);

/** Adds the faults of a document's `parameters`. */
export function checkDeclarations(parameters: unknown, types: AllowedTypes, faults: Violations): void {
  if (parameters === undefined || parameters === null) return;
  const declared = mapping(parameters, ['parameters'], faults);
  for (const [name, definition] of Object.entries(declared ?? {})) {
    const path = ['parameters', name];
    if (!/^\w+$/.test(name)) faults.add(path, 'may be named by letters, digits and _ only');
    const given = mapping(definition, path, faults);
    if (given !== undefined) checkDeclaration(given, types, path, faults);
  }
}

function checkDeclaration(given: Mapping, types: AllowedTypes, path: Path, faults: Violations): void {
  onlyMembers(given, members, path, faults);
  text(given, 'description', path, faults);
  const display = text(given, 'displayType', path, faults);
  if (display !== undefined && !displayTypes.includes(display))
    faults.add([...path, 'displayType'], `must be ${displayTypes.join(' or ')}`);
  const interpolation = text(given, 'interpolationType', path, faults);
  if (interpolation !== undefined && interpolation !== 'ENV_VAR')
    faults.add([...path, 'interpolationType'], 'must be ENV_VAR');
  checkBounds(given, 'minItems', 'maxItems', path, faults);
  checkBounds(given, 'minChars', 'maxChars', path, faults);
  checkPattern(given, path, faults);
  const type = text(given, 'type', path, faults);
  if (given.type === undefined) faults.add(path, 'has no type');
  else if (type !== undefined && !types(type))
    faults.add([...path, 'type'], `must be one of ${parameterTypes.join(', ')}`);
  else if (type !== undefined && isType(type)) checkValues(given, type, path, faults);
}

function isType(type: string): type is ParameterType {
  return (parameterTypes as readonly string[]).includes(type);
}

function checkBounds(given: Mapping, least: string, most: string, path: Path, faults: Violations): void {
  const [low, high] = [count(given, least, path, faults), count(given, most, path, faults)];
  if (low !== undefined && high !== undefined && low > high) faults.add([...path, most], `is less than ${least}`);
}

function checkPattern(given: Mapping, path: Path, faults: Violations): void {
  const pattern = text(given, 'allowedPattern', path, faults);
  if (pattern === undefined) return;
  const fault = patternFault(pattern);
  if (fault !== undefined) faults.add([...path, 'allowedPattern'], fault);
}

/** The default must have the parameter's type, and each allowed value must be valid. */
function checkValues(given: Mapping, type: ParameterType, path: Path, faults: Violations): void {
  const { default: preset, allowedValues } = given;
  if (preset !== undefined && !isOfType(preset, type))
    faults.add([...path, 'default'], `must be ${kinds[type]}, as the type ${type} says`);
  if (allowedValues === undefined) return;
  if (!Array.isArray(allowedValues) || allowedValues.length === 0) {
    faults.add([...path, 'allowedValues'], 'must be a list of values');
    return;
  }
  const chosen: readonly unknown[] =
    preset === undefined ? [] : isList(type) && Array.isArray(preset) ? preset : [preset];
  for (const value of chosen)
    if (!isReference(value) && !allowedValues.some((allowed) => String(allowed) === String(value)))
      faults.add([...path, 'default'], 'is none of the allowed values');
}

const kinds: Readonly<Record<ParameterType, string>> = {
  String: 'text',
  StringList: 'a list of texts',
  Boolean: 'true or false without quotes',
  Integer: 'a whole number without quotes',
  StringMap: 'a mapping, or one as JSON text',
  MapList: 'a list of mappings',
};

function isOfType(value: unknown, type: ParameterType): boolean {
  if (isReference(value)) return true;
  switch (type) {
    case 'String':
      return typeof value === 'string';
    case 'StringList':
      return Array.isArray(value) && value.every((item) => typeof item === 'string');
    case 'Boolean':
      return typeof value === 'boolean';
    case 'Integer':
      return Number.isInteger(value);
    case 'StringMap':
      return isMapping(value) || typeof value === 'string';
    case 'MapList':
      return Array.isArray(value) && value.every((item) => isMapping(item));
  }
}

/** `{{ssm:…}}`: the node reads the value from Parameter Store. */
function isReference(value: unknown): boolean {
  return typeof value === 'string' && /^\{\{\s*ssm:/.test(value);
}
