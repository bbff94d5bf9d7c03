/** Resource groups as targets: the members are found by the group's query each time. */
import type { Context } from '../../core/context.ts';
import { InvalidTarget } from '../../core/errors.ts';
import { groupQueries, type TagQuery } from '../tags/index.ts';
import { criteriaOf, nodesOfTypes, nothing, type Criterion, type Target, type TargetCriterion } from './target.ts';

/**
 * Checks that targets are well-formed and their groups exist, before any node is looked for.
 * @returns the queries of the groups
 * @throws InvalidTarget as {@link criteriaOf}, and for a group that does not exist
 */
export async function checkTargets(context: Context, targets: readonly Target[]): Promise<TagQuery[]> {
  const names = groupsIn(criteriaOf(targets));
  if (names.length === 0) return [];
  const queries = await groupQueries(context, names);
  return names.map((name) => {
    const query = queries.get(name);
    if (query === undefined) throw new InvalidTarget(`There is no resource group ${name}.`);
    return query;
  });
}

/**
 * The criteria that a node must match now. A deleted group has no nodes. @throws InvalidTarget as {@link criteriaOf}
 */
export async function criteriaNow(context: Context, targets: readonly Target[]): Promise<Criterion[]> {
  return (await criteriaNowOfAll(context, [targets]))[0] ?? [];
}

/** As {@link criteriaNow}, for many lists of targets, which often name the same groups. */
export async function criteriaNowOfAll(context: Context, all: readonly (readonly Target[])[]): Promise<Criterion[][]> {
  const asked = all.map(criteriaOf);
  const names = [...new Set(asked.flatMap(groupsIn))];
  const queries = names.length === 0 ? new Map<string, TagQuery>() : await groupQueries(context, names);
  return asked.map((criteria) =>
    criteria.flatMap((criterion) => (criterion.by === 'group' ? membersOf(queries.get(criterion.name)) : [criterion])),
  );
}

function groupsIn(criteria: readonly TargetCriterion[]): string[] {
  return criteria.flatMap((criterion) => (criterion.by === 'group' ? [criterion.name] : []));
}

/** What the nodes of a group meet. */
export function membersOf(query: TagQuery | undefined): Criterion[] {
  if (query === undefined) return [nothing];
  const tagged = query.filters.map(({ key, values }): Criterion =>
    values.length === 0 ? { by: 'tag-key', keys: [key] } : { by: 'tag', key, values },
  );
  return query.types === undefined ? tagged : [...tagged, nodesOfTypes(query.types.map((type) => type.toLowerCase()))];
}
