/** Finds the nodes that match criteria, by index where there is one. */
import type { Context } from '../../core/context.ts';
import { AnyOf, idsOfAll, justAfter, OrderedIds, tagsKey, type IdSource, type TagsItem } from '../tags/index.ts';
import { byNode, toNodes } from './fleet-rows.ts';
import { listNodes, type ListOptions, type NodePage } from './list-nodes.ts';
import type { ListedNode } from './node.ts';
import type { IndexedAttribute } from './node-indexes.ts';
import {
  associationsKey,
  attributePartition,
  connectionKey,
  managedInstance,
  nodeKey,
  nodeShards,
  pingKey,
} from './store.ts';
import { sourceOf } from './target-resolution.ts';
import { meets, type Criterion } from './target.ts';

export type NodeCriterion =
  Criterion | { readonly by: 'attribute'; readonly attribute: IndexedAttribute; readonly values: readonly string[] };

/** Each node has five rows, and a read has at most 100. */
const nodesPerRead = 20;

/**
 * A page of the nodes that match all criteria, ordered by id; without criteria, of all nodes. A page may have fewer
 * nodes than its limit and still a next page. `tag-key` uses an index that may lag by moments: a node that just got its
 * first tag with that key may be missing. All else is current.
 */
export async function findNodes(
  context: Context,
  criteria: readonly NodeCriterion[],
  { after, limit }: ListOptions,
): Promise<NodePage> {
  const narrowing = criteria.filter(({ by }) => by !== 'everything');
  if (narrowing.length === 0) return listNodes(context, { after, limit });
  const sources: IdSource[] = [];
  for (const criterion of narrowing)
    sources.push(
      criterion.by === 'attribute'
        ? byAttribute(context, criterion.attribute, criterion.values)
        : await sourceOf(context, criterion),
    );
  const ids = await idsOfAll(sources, after === undefined ? '' : justAfter(after), limit + 1);
  const nodes: ListedNode[] = [];
  for (let at = 0; at < Math.min(ids.length, limit); at += nodesPerRead)
    nodes.push(...(await readNodes(context, ids.slice(at, Math.min(at + nodesPerRead, limit)), narrowing)));
  return { nodes, ...(ids.length > limit ? { next: ids[limit - 1]! } : {}) };
}

function byAttribute(context: Context, attribute: IndexedAttribute, values: readonly string[]): IdSource {
  const withValue = (value: string): IdSource =>
    new OrderedIds(nodeShards, async (shard, from, limit) => {
      const page = await context.state.query({
        pk: attributePartition(attribute, shard, value),
        ...(from === '' ? {} : { from }),
        limit,
      });
      return { ids: page.rows.map((row) => row.sk), more: page.next !== undefined };
    });
  return new AnyOf([...new Set(values)].map(withValue));
}

/** The nodes that still match the criteria. */
async function readNodes(
  context: Context,
  ids: readonly string[],
  criteria: readonly NodeCriterion[],
): Promise<ListedNode[]> {
  const rows = await context.state.getMany(
    ids.flatMap((id) => [
      nodeKey(id),
      pingKey(id),
      connectionKey(id),
      associationsKey(id),
      tagsKey(managedInstance, id),
    ]),
  );
  const tags = new Map(
    rows.filter(({ sk }) => sk === tagsKey('', '').sk).map((row) => [row.pk, (row.body as TagsItem).tags]),
  );
  const own = rows.filter(({ sk }) => sk.includes('#')).sort((one, other) => (one.sk < other.sk ? -1 : 1));
  const nodes = await toNodes(context, byNode(own));
  return nodes.filter((node) => {
    const tagged = { ...node, tags: tags.get(tagsKey(managedInstance, node.id).pk) ?? {} };
    return criteria.every((criterion) =>
      criterion.by === 'attribute'
        ? criterion.values.includes(node[criterion.attribute] ?? '')
        : meets(tagged, [criterion]),
    );
  });
}
