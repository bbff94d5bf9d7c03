/** A page of a list of nodes, for any filters. */
import type { Context } from '../../../core/context.ts';
import { collectPage, withTextPositions, type Candidate, type TextPosition } from '../../../core/filtered-pages.ts';
import { decodeToken, encodeToken } from '../../../core/pagination.ts';
import { findNodes, type ListedNode, type ListOptions, type NodeCriterion } from '../../nodes/index.ts';
import { passes, type NodeSearch } from './node-filter.ts';

const mostReadAtOnce = 250;

export interface NodesPage {
  readonly nodes: readonly ListedNode[];
  /** The last node that was read; absent at the end of the list. */
  readonly next?: string;
}

/** @param search `undefined`: no node can match */
export async function pageOfNodes(
  context: Context,
  search: NodeSearch | undefined,
  { after, limit }: ListOptions,
): Promise<NodesPage> {
  if (search === undefined) return { nodes: [] };
  const { criteria, filters } = search;
  if (filters.length === 0) return findNodes(context, criteria, { after, limit });
  const { items, next } = await collectPage(nodesBehind(context, criteria, { after, limit }), { limit }, (node) =>
    passes(node, filters) ? node : undefined,
  );
  return { nodes: items, ...(next === undefined ? {} : { next: next.after }) };
}

/** Most filters match most nodes: the first read is one page and one node more; later reads are larger. */
async function* nodesBehind(
  context: Context,
  criteria: readonly NodeCriterion[],
  { after, limit }: ListOptions,
): AsyncGenerator<Candidate<ListedNode, TextPosition>> {
  let next = after;
  let atOnce = limit + 1;
  do {
    const page = await findNodes(context, criteria, { after: next, limit: atOnce });
    yield* withTextPositions(page.nodes, ({ id }) => id);
    next = page.next;
    atOnce = Math.min(Math.max(atOnce, mostReadAtOnce), atOnce * 4);
  } while (next !== undefined);
}

/** The position after which a page begins. @throws InvalidNextToken */
export async function positionOfToken(
  context: Context,
  token: string | undefined,
  operation: string,
): Promise<string | undefined> {
  return token === undefined ? undefined : (await decodeToken<{ after: string }>(context, token, operation)).after;
}

/** The `NextToken`, where there may be more. */
export async function tokenOf(
  context: Context,
  { next }: Pick<NodesPage, 'next'>,
  operation: string,
): Promise<{ NextToken?: string }> {
  return next === undefined ? {} : { NextToken: await encodeToken(context, { after: next }, operation) };
}
