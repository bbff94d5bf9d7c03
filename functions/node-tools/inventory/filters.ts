/** Inventory filters: they select entries, and so nodes (inventory.md §5.1). */
import type { InventoryFilter } from '@aws-sdk/client-ssm';
import { InvalidFilter } from '../../../core/errors.ts';
import type { Checked } from '../../../core/operations.ts';
import { awsTypeNamed } from './aws-types.ts';
import type { Entry } from './item.ts';

export interface Filter {
  /** The type of the entries. */
  readonly typeName: string;
  readonly attribute: string;
  readonly operator: 'Equal' | 'NotEqual' | 'BeginWith' | 'LessThan' | 'GreaterThan';
  /** One of them must match. */
  readonly values: readonly string[];
}

/**
 * A filter for the fleet: its key has type and attribute, `AWS:Application.Name`.
 * @throws InvalidFilter for a key without both, or an operator that has no meaning here
 */
export function fleetFilter({ Key, Values, Type }: Checked<InventoryFilter>): Filter {
  // A custom type's name may contain dots: the attribute follows the last one.
  const dot = Key.lastIndexOf('.');
  const typeName = Key.slice(0, dot);
  const attribute = Key.slice(dot + 1);
  if (dot <= 0 || !/^(AWS|Custom):./.test(typeName))
    throw new InvalidFilter(
      `The filter key ${Key} is not valid. It names a type and an attribute: AWS:Application.Name.`,
    );
  return { typeName, attribute: attributeOf(typeName, attribute, Key), operator: operatorOf(Type), values: Values };
}

/**
 * A filter for the entries of one type: its key is only an attribute, `Name`.
 * @throws InvalidFilter
 */
export function entryFilter(typeName: string, { Key, Values, Type }: Checked<InventoryFilter>): Filter {
  return { typeName, attribute: attributeOf(typeName, Key, Key), operator: operatorOf(Type), values: Values };
}

function attributeOf(typeName: string, attribute: string, key: string): string {
  if (!typeName.startsWith('AWS:')) return attribute;
  const awsType = awsTypeNamed(typeName);
  if (awsType === undefined || !awsType.attributes.some(({ name }) => name === attribute))
    throw new InvalidFilter(`The filter key ${key} is not valid: there is no such type or attribute.`);
  return attribute;
}

function operatorOf(type: string = 'Equal'): Filter['operator'] {
  if (type === 'Equal' || type === 'NotEqual' || type === 'BeginWith' || type === 'LessThan' || type === 'GreaterThan')
    return type;
  throw new InvalidFilter(`The filter type ${type} is not valid here.`);
}

/** Whether an entry matches. An entry without the attribute matches no filter. */
export function fits(entry: Entry, { attribute, operator, values }: Filter): boolean {
  const actual = Object.hasOwn(entry, attribute) ? entry[attribute] : undefined;
  if (actual === undefined) return false;
  switch (operator) {
    case 'Equal':
      return values.includes(actual);
    case 'NotEqual':
      return !values.includes(actual);
    case 'BeginWith':
      return values.some((value) => actual.startsWith(value));
    case 'LessThan':
      return values.some((value) => compare(actual, value) < 0);
    case 'GreaterThan':
      return values.some((value) => compare(actual, value) > 0);
  }
}

/** Compares as numbers where both are numbers, else as text. Thus counts and ISO times are ordered correctly. */
function compare(a: string, b: string): number {
  const number = /^-?\d+(\.\d+)?$/;
  if (number.test(a) && number.test(b)) return Number(a) - Number(b);
  return a < b ? -1 : a > b ? 1 : 0;
}
