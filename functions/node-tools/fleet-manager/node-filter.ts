/** Filters for nodes, whatever an operation calls their keys: values are joined by "or", filters by "and". Pure. */
import type { AwsLocation } from '../../../core/arns.ts';
import { indexedAttributes, type IndexedAttribute, type NodeCriterion } from '../../nodes/index.ts';
import {
  commonValue,
  isCommon,
  valueOf,
  type Attribute,
  type KnownNode,
  type NodeAttribute,
} from './node-attributes.ts';

export type Operator = 'Equal' | 'NotEqual' | 'BeginWith' | 'LessThan' | 'GreaterThan';

export type NodeFilter =
  | { readonly attribute: Attribute; readonly operator: Operator; readonly values: readonly string[] }
  /** Only Equal. Without a key: the values are the keys, and any of them matches. */
  | { readonly tag: string | undefined; readonly values: readonly string[] };

/** What to search for: first by index, and then in each node. */
export interface NodeSearch {
  readonly criteria: readonly NodeCriterion[];
  readonly filters: readonly NodeTest[];
}

/** A filter on an attribute that differs between nodes. */
export interface NodeTest {
  readonly attribute: NodeAttribute;
  readonly operator: Operator;
  readonly values: readonly string[];
}

/** @returns `undefined` when no node can match, so none needs to be read */
export function searchFor(filters: readonly NodeFilter[], location: AwsLocation): NodeSearch | undefined {
  const criteria: NodeCriterion[] = [];
  const tests: NodeTest[] = [];
  for (const filter of filters) {
    const { values } = filter;
    if ('tag' in filter) {
      criteria.push(
        filter.tag === undefined ? { by: 'tag-key', keys: values } : { by: 'tag', key: filter.tag, values },
      );
      continue;
    }
    const { attribute, operator } = filter;
    if (isCommon(attribute)) {
      if (!satisfies(operator, values, commonValue(attribute, location))) return undefined;
    } else if (operator === 'Equal' && attribute === 'id') criteria.push({ by: 'id', ids: values });
    else if (operator === 'Equal' && isIndexed(attribute)) criteria.push({ by: 'attribute', attribute, values });
    else tests.push({ attribute, operator, values });
  }
  return { criteria, filters: tests };
}

function isIndexed(attribute: NodeAttribute): attribute is NodeAttribute & IndexedAttribute {
  return (indexedAttributes as readonly string[]).includes(attribute);
}

export function passes(node: KnownNode, filters: readonly NodeTest[]): boolean {
  return filters.every(({ attribute, operator, values }) => satisfies(operator, values, valueOf(attribute, node)));
}

/** An absent value equals nothing, and has no prefix. */
export function satisfies(operator: Operator, values: readonly string[], value: string | undefined): boolean {
  if (operator === 'NotEqual') return value === undefined || !values.includes(value);
  if (value === undefined) return false;
  switch (operator) {
    case 'Equal':
      return values.includes(value);
    case 'BeginWith':
      return values.some((one) => value.startsWith(one));
    case 'LessThan':
      return values.some((one) => compare(value, one) < 0);
    case 'GreaterThan':
      return values.some((one) => compare(value, one) > 0);
  }
}

const dotted = /^\d+(\.\d+)*$/;

/** Compares versions number by number (3.10 is after 3.9, and 3.2.0 equals 3.2), and other values as text. */
export function compare(one: string, other: string): number {
  if (!dotted.test(one) || !dotted.test(other)) return one < other ? -1 : one > other ? 1 : 0;
  const [left, right] = [one.split('.').map(Number), other.split('.').map(Number)];
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
