/**
 * Resolves targets to nodes without reading the fleet: each criterion is an ordered stream of ids, and the streams are
 * joined.
 */
import type { Context } from '../../core/context.ts';
import {
  AnyOf,
  GivenIds,
  idsOfAll,
  justAfter,
  taggedIds,
  WithPrefix,
  type IdSource,
  type TagQuery,
} from '../tags/index.ts';
import { allNodeIds, getNode, registeredIds } from './nodes.ts';
import { managedInstance, nodeShards } from './store.ts';
import { criteriaNow, membersOf } from './target-groups.ts';
import { meets, type Criterion, type Target } from './target.ts';

export interface ResolveOptions {
  /** The `next` of the page before. */
  readonly after?: string | undefined;
  /** The most nodes of the page. */
  readonly limit: number;
}

export interface ResolvedTargets {
  /** In the order of ids. */
  readonly nodeIds: readonly string[];
  /** Present when there may be more: the last id. It stays valid while nodes come and go. */
  readonly next?: string;
}

/**
 * The registered nodes that match all targets (keys InstanceIds in any case, `tag:<key>`, `tag-key`, resource groups).
 * Tag keys without a value use an index that may lag by moments; all else is current.
 * @throws InvalidTarget for targets that are not well-formed
 * @example
 * const page = await resolveTargets(context, [{ Key: 'tag:Stage', Values: ['prod'] }], { limit: 50 });
 */
export async function resolveTargets(
  context: Context,
  targets: readonly Target[],
  options: ResolveOptions,
): Promise<ResolvedTargets> {
  return resolveCriteria(context, await criteriaNow(context, targets), options);
}

/** The registered nodes that a group with this query has, as {@link resolveTargets} finds them. */
export async function resolveGroup(
  context: Context,
  query: TagQuery,
  options: ResolveOptions,
): Promise<ResolvedTargets> {
  return resolveCriteria(context, membersOf(query), options);
}

async function resolveCriteria(
  context: Context,
  criteria: readonly Criterion[],
  { after, limit }: ResolveOptions,
): Promise<ResolvedTargets> {
  const sources = await Promise.all(criteria.map((criterion) => sourceOf(context, criterion)));
  if (sources.length === 0) return { nodeIds: [] };
  const nodeIds = await idsOfAll(sources, after === undefined ? '' : justAfter(after), limit);
  const last = nodeIds.at(-1);
  return nodeIds.length === limit && last !== undefined ? { nodeIds, next: last } : { nodeIds };
}

/** Whether a node is registered and matches all targets now. @throws InvalidTarget as {@link resolveTargets} */
export async function nodeMatches(context: Context, nodeId: string, targets: readonly Target[]): Promise<boolean> {
  const criteria = await criteriaNow(context, targets);
  const node = await getNode(context, nodeId);
  return node !== undefined && criteria.length > 0 && meets(node, criteria);
}

/** The ids of the nodes that match a criterion. */
export async function sourceOf(context: Context, criterion: Criterion): Promise<IdSource> {
  switch (criterion.by) {
    case 'everything':
      return allNodeIds(context);
    case 'id':
      return new GivenIds(await registeredIds(context, criterion.ids));
    case 'id-prefix':
      return new WithPrefix(allNodeIds(context), criterion.prefix);
    case 'tag':
      return taggedIds(context, nodeTags, criterion.key, criterion.values);
    case 'tag-key':
      return new AnyOf(criterion.keys.map((key) => taggedIds(context, nodeTags, key)));
  }
}

const nodeTags = { resourceType: managedInstance, index: nodeShards };
