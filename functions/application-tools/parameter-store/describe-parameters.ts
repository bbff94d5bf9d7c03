/** DescribeParameters. */
import type { ParameterMetadata } from '@aws-sdk/client-ssm';
import type { Context } from '../../../core/context.ts';
import { ValidationException } from '../../../core/errors.ts';
import type { SsmOperation } from '../../../core/operations.ts';
import { decodeToken, encodeToken } from '../../../core/pagination.ts';
import { AnyOf, GivenIds, taggedIds, type IdSource } from '../../tags/index.ts';
import { describeFilters, legacyFilters, meets, nameMeets, tagsMeet, type Filter } from './filters.ts';
import { findParameters, namesFrom, namesUnder } from './find-parameters.ts';
import { checkPath, idOf, isId } from './names.ts';
import { metadataOf } from './parameter-metadata.ts';
import { nameShards, parameterResource } from './store.ts';

/** Rows of one read of names in order. */
const pageSize = 100;

/** Characters: AWS's limit. */
const longestTagValue = 256;

export const describeParameters: SsmOperation<'DescribeParameters'> = async (input, context) => {
  if ((input.Filters ?? []).length > 0 && (input.ParameterFilters ?? []).length > 0)
    throw new ValidationException('You can use either Filters or ParameterFilters in a single request.');
  const filters = [...describeFilters(input.ParameterFilters), ...legacyFilters(input.Filters)];
  const purpose = JSON.stringify(['DescribeParameters', filters]);
  const after =
    input.NextToken === undefined
      ? undefined
      : (await decodeToken<{ after: string }>(context, input.NextToken, purpose)).after;
  // There is one account, so nothing is shared with it.
  if (input.Shared === true) return { Parameters: [] };
  const limit = input.MaxResults ?? 50;
  const byRow = filters.filter(({ key }) => ['Type', 'KeyId', 'Tier', 'DataType'].includes(key));
  const { found, next } = await findParameters(context, {
    sources: sourcesOf(filters, context, byRow.length === 0 ? Math.min(limit + 1, pageSize) : pageSize),
    after,
    limit,
    mayFit: filters.some(({ key }) => key === 'Name') ? (id) => nameMeets(id, filters) : undefined,
    fits: byRow.length === 0 ? undefined : (item) => meets(item, byRow),
    tagsFit: filters.some(isTagPrefix) ? (tags) => tagsMeet(tags, filters) : undefined,
  });
  return {
    Parameters: found.map(({ body }): ParameterMetadata => metadataOf(body, context)),
    ...(next === undefined ? {} : { NextToken: await encodeToken(context, next, purpose) }),
  };
};

/** The sources of names: each filter on names or tags has its own range of keys. */
function sourcesOf(filters: readonly Filter[], context: Context, size: number): IdSource[] {
  const sources = filters.map((filter) => sourceOf(filter, context, size)).filter((source) => source !== undefined);
  return sources.length === 0 ? [namesFrom(context, '/', size)] : sources;
}

function isTagPrefix({ key, option, values }: Filter): boolean {
  return key.startsWith('tag:') && option === 'BeginsWith' && values.length > 0;
}

function sourceOf({ key, option, values }: Filter, context: Context, size: number): IdSource | undefined {
  if (key.startsWith('tag:')) {
    const kind = { resourceType: parameterResource, index: nameShards };
    // Values with the prefix would be in many ranges, so all parameters with the tag key are looked at.
    if (option === 'BeginsWith') return taggedIds(context, kind, key.slice('tag:'.length));
    // Longer values match no tag. When none is left, the filter must match nothing instead of everything.
    const possible = values.filter((value) => value.length <= longestTagValue);
    return possible.length < values.length && possible.length === 0
      ? new GivenIds([])
      : taggedIds(context, kind, key.slice('tag:'.length), possible);
  }
  if (key === 'Path')
    return new AnyOf(values.map((path) => namesUnder(context, checkPath(path), option === 'Recursive', size)));
  if (key !== 'Name' || option === 'Contains') return undefined;
  const ids = values.map(idOf).filter(isId);
  return option === 'Equals' ? new GivenIds(ids) : new AnyOf(ids.map((prefix) => namesFrom(context, prefix, size)));
}
