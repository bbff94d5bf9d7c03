/** The queries of groups, for rooms that take groups as targets. */
import type { Context } from '../../../core/context.ts';
import { parseQuery, type TagQuery } from './resource-query.ts';
import { groupKey, type GroupItem } from './store.ts';

/** @returns the queries of existing groups, by name. Any number of distinct names */
export async function groupQueries(
  { state }: Pick<Context, 'state'>,
  names: readonly string[],
): Promise<Map<string, TagQuery>> {
  const queries = new Map<string, TagQuery>();
  for (let at = 0; at < names.length; at += 100)
    for (const { body } of await state.getMany<GroupItem>(names.slice(at, at + 100).map(groupKey)))
      queries.set(body.name, parseQuery(body.query));
  return queries;
}
