/** ListNodesSummary: counts nodes by attributes. */
import type { Context } from '../../../core/context.ts';
import type { SsmOperation } from '../../../core/operations.ts';
import { countKinds } from '../../nodes/index.ts';
import { checkSync } from './list-nodes.ts';
import { nodeFilters } from './node-filter-keys.ts';
import { passes, searchFor, type NodeFilter } from './node-filter.ts';
import { pageOfNodes, positionOfToken, tokenOf } from './node-page.ts';
import { isCommon } from './node-attributes.ts';
import { groupingsOf, isOfKind, Summary } from './node-summary.ts';

const defaultPage = 50;
const operation = 'ListNodesSummary';
const countedAtOnce = 1000;

/**
 * When all filters use attributes by which nodes are counted anyway, no node is read. Otherwise all nodes are read that
 * an index does not exclude.
 */
export const listNodesSummary: SsmOperation<'ListNodesSummary'> = async (
  { SyncName: sync, Filters, Aggregators, MaxResults: limit = defaultPage, NextToken },
  context,
) => {
  checkSync(sync);
  const summary = new Summary(groupingsOf(Aggregators), context);
  const after = await positionOfToken(context, NextToken, operation);
  await count(summary, nodeFilters(Filters), context);
  const rest = summary.groups().filter(({ key }) => after === undefined || key > after);
  const shown = rest.slice(0, limit);
  return {
    Summary: shown.map(({ entry }) => ({ ...entry })),
    ...(await tokenOf(context, rest.length > limit ? { next: shown.at(-1)!.key } : {}, operation)),
  };
};

async function count(summary: Summary, filters: readonly NodeFilter[], context: Context): Promise<void> {
  const search = searchFor(filters, context);
  if (search === undefined) return;
  if (filters.every((filter) => 'attribute' in filter && (isCommon(filter.attribute) || isOfKind(filter.attribute))))
    return countByKind(summary, filters, context);
  let after: string | undefined;
  do {
    const page = await pageOfNodes(context, search, { after, limit: countedAtOnce });
    for (const node of page.nodes) summary.add(node, 1);
    after = page.next;
  } while (after !== undefined);
}

async function countByKind(summary: Summary, filters: readonly NodeFilter[], context: Context): Promise<void> {
  const tests = filters.flatMap((filter) =>
    'attribute' in filter && !isCommon(filter.attribute) ? [{ ...filter, attribute: filter.attribute }] : [],
  );
  for (const kind of await countKinds(context)) if (passes(kind, tests)) summary.add(kind, kind.count);
}
