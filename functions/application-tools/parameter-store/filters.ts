/**
 * The filters of DescribeParameters and GetParametersByPath: their rules, and which parameters match (spec:
 * parameter-store.md §6). Pure.
 */
import type { ParametersFilter, ParameterStringFilter } from '@aws-sdk/client-ssm';
import { InvalidFilterKey, ValidationException } from '../../../core/errors.ts';
import { InvalidFilterOption, InvalidFilterValue } from './errors.ts';
import { checkPath, idOf } from './names.ts';
import type { ParameterItem } from './store.ts';

export interface Filter {
  readonly key: string;
  readonly option: string;
  readonly values: readonly string[];
}

type Given = readonly { readonly [Member in keyof ParameterStringFilter]: ParameterStringFilter[Member] }[];

const matching = ['BeginsWith', 'Equals'];
const optionsOf: Readonly<Record<string, readonly string[]>> = {
  Path: ['Recursive', 'OneLevel'],
  Name: ['BeginsWith', 'Contains', 'Equals'],
  Label: ['Equals'],
};
const valuesOf: Readonly<Record<string, readonly string[]>> = {
  Tier: ['Standard', 'Advanced', 'Intelligent-Tiering'],
  Type: ['String', 'StringList', 'SecureString'],
};

/** @throws InvalidFilterKey, InvalidFilterOption, InvalidFilterValue, ValidationException */
export function describeFilters(given: Given | undefined): Filter[] {
  return filtersOf(given, (key) => {
    if (key === 'Label')
      throw new InvalidFilterKey(
        'The following filter key is not valid: Label. Valid filter keys include: [Path, Name, Type, KeyId, Tier].',
      );
  });
}

/** @throws InvalidFilterKey, InvalidFilterOption, InvalidFilterValue */
export function byPathFilters(given: Given | undefined): Filter[] {
  return filtersOf(given, (key) => {
    if (key !== 'Type' && key !== 'KeyId' && key !== 'Label')
      throw new InvalidFilterKey(
        `The following filter key is not valid: ${key}. Valid filter keys include: [Type, KeyId].`,
      );
  });
}

function filtersOf(given: Given | undefined, checkKey: (key: string) => void): Filter[] {
  const filters: Filter[] = [];
  for (const { Key: key = '', Option: chosen, Values: values = [] } of given ?? []) {
    checkKey(key);
    // AWS's message names this key, whichever key was sent.
    if (values.length === 0 && !key.startsWith('tag:'))
      throw new InvalidFilterValue('The following filter values are missing : null for filter key Name.');
    if (filters.some((other) => other.key === key))
      throw new InvalidFilterKey(
        'The following filter is duplicated in the request: Name. A request can contain only one occurrence of a specific filter.',
      );
    const options = (Object.hasOwn(optionsOf, key) ? optionsOf[key] : undefined) ?? matching;
    const option = chosen ?? (key === 'Path' ? 'OneLevel' : 'Equals');
    if (!options.includes(option))
      throw new InvalidFilterOption(
        `The following filter option is not valid: ${option}. Valid options include: [${options.join(', ')}].`,
      );
    const allowed = Object.hasOwn(valuesOf, key) ? valuesOf[key] : undefined;
    for (const value of values) {
      if (key === 'Path') checkFilterPath(value);
      if (allowed !== undefined && option === 'Equals' && !allowed.includes(value))
        throw new InvalidFilterOption(
          `The following filter value is not valid: ${value}. Valid values include: [${allowed.join(', ')}].`,
        );
    }
    filters.push({ key, option, values });
  }
  return filters;
}

function checkFilterPath(path: string): void {
  if (/^\/?(?:aws|ssm)/i.test(path))
    throw new ValidationException(
      'Filters for common parameters can\'t be prefixed with "aws" or "ssm" (case-insensitive). When using global parameters, please specify within a global namespace.',
    );
  checkPath(path);
}

/** The older form: every value is a prefix. */
export function legacyFilters(
  given: readonly { readonly Key: ParametersFilter['Key']; readonly Values: readonly string[] }[] | undefined,
): Filter[] {
  return (given ?? []).map(({ Key: key = 'Name', Values: values }) => ({ key, option: 'BeginsWith', values }));
}

/** Whether a parameter matches the filters that its own row can answer. */
export function meets(item: ParameterItem, filters: readonly Filter[]): boolean {
  return filters.every(({ key, option, values }) => {
    const own = attributeOf(item, key);
    return own === undefined || values.some((value) => isMatch(own, option, value));
  });
}

/** The attribute that a filter compares; `undefined` where the row does not have it. */
function attributeOf(item: ParameterItem, key: string): string | undefined {
  switch (key) {
    case 'Type':
      return item.type;
    case 'KeyId':
      return item.keyId ?? '';
    case 'Tier':
      return item.tier;
    case 'DataType':
      return item.dataType;
    default:
      return undefined;
  }
}

/** Whether tags match the filters on tags. */
export function tagsMeet(tags: Readonly<Record<string, string>>, filters: readonly Filter[]): boolean {
  return filters.every(({ key, option, values }) => {
    if (!key.startsWith('tag:')) return true;
    const name = key.slice('tag:'.length);
    if (!Object.hasOwn(tags, name)) return false;
    return values.length === 0 || values.some((value) => isMatch(tags[name] ?? '', option, value));
  });
}

/** Whether a parameter with this name may match the filters. */
export function nameMeets(id: string, filters: readonly Filter[]): boolean {
  return filters.every(
    ({ key, option, values }) =>
      key !== 'Name' ||
      values.some((value) => (option === 'Contains' ? id.includes(value) : isMatch(id, option, idOf(value)))),
  );
}

function isMatch(own: string, option: string, value: string): boolean {
  return option === 'BeginsWith' ? own.startsWith(value) : own === value;
}
