/** Parses and checks queries of type TAG_FILTERS_1_0. Pure. */
import type { ResourceQuery } from '@aws-sdk/client-resource-groups';
import { BadRequestException } from './errors.ts';

export interface TagQuery {
  /** `AWS::SSM::ManagedInstance`…; absent: every type. */
  readonly types?: readonly string[];
  /** All must match. At least one. */
  readonly filters: readonly TagFilter[];
}

export interface TagFilter {
  readonly key: string;
  /** One of them must match; empty: any value. */
  readonly values: readonly string[];
}

export const allSupported = 'AWS::AllSupported';

/** The limit of the Tagging API, whose filters the queries use. */
const mostFilters = 50;
const mostValues = 20;
const longestKey = 128;
const longestValue = 256;

/** @throws BadRequestException for a query of another type, or one that is not well-formed */
export function checkQuery({
  Type: type,
  Query: query,
}: {
  readonly Type: ResourceQuery['Type'];
  readonly Query: string;
}): TagQuery {
  if (type !== 'TAG_FILTERS_1_0')
    throw notValid(`Queries of type ${type} are not supported: there are no stacks here.`);
  return parseQuery(query);
}

/** @throws BadRequestException when it is not well-formed */
export function parseQuery(text: string): TagQuery {
  const {
    ResourceTypeFilters: types = [allSupported],
    TagFilters: filters,
    ...others
  } = members(parseJson(text), 'The query');
  const [other] = Object.keys(others);
  if (other !== undefined) throw notValid(`${other} is not part of a query of type TAG_FILTERS_1_0.`);
  if (!isTexts(types) || types.length === 0) throw notValid('ResourceTypeFilters must be a list of resource types.');
  for (const type of types)
    if (!/^AWS::(AllSupported|[a-zA-Z0-9]+::\w+)$/.test(type)) throw notValid(`${type} is not a resource type.`);
  if (!Array.isArray(filters) || filters.length === 0) throw notValid('TagFilters must have at least one tag key.');
  if (filters.length > mostFilters) throw notValid(`TagFilters must have at most ${mostFilters} tag keys.`);
  return { ...(types.includes(allSupported) ? {} : { types: [...new Set(types)] }), filters: filters.map(filterOf) };
}

function filterOf(filter: unknown): TagFilter {
  const { Key: key, Values: values = [], ...others } = members(filter, 'A tag filter');
  const [other] = Object.keys(others);
  if (other !== undefined) throw notValid(`${other} is not part of a tag filter.`);
  if (typeof key !== 'string' || key === '' || key.length > longestKey)
    throw notValid(`The Key of a tag filter must be a text of 1 to ${longestKey} characters.`);
  if (!isTexts(values) || values.length > mostValues || values.some((value) => value.length > longestValue))
    throw notValid(
      `The Values of a tag filter must be at most ${mostValues} texts of at most ${longestValue} characters.`,
    );
  return { key, values };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw notValid('Query format not valid: check JSON syntax');
  }
}

function members(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw notValid(`${what} must be an object.`);
  return value as Readonly<Record<string, unknown>>;
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((element) => typeof element === 'string');
}

function notValid(why: string): BadRequestException {
  return new BadRequestException(`Query not valid: ${why}`);
}
