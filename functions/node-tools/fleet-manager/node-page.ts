/** A page of a list of nodes, whatever the filters. */
import type { Context } from '../../../core/context.ts';
import { decodeToken, encodeToken } from '../../../core/pagination.ts';
import { findNodes, type ListedNode, type ListOptions } from '../../nodes/index.ts';
import { passes, type NodeSearch } from './node-filter.ts';

/** Nodes looked at for one page: a filter without an index that lets few through answers a short page with a token. */
const mostRead = 1000;
const mostReadAtOnce = 250;

export interface NodesPage {
  readonly nodes: readonly ListedNode[];
  /** The last node that was looked at; absent when there is nothing behind it. */
  readonly next?: string;
}

/** @param search `undefined`: nothing is looked for */
export async function pageOfNodes(
  context: Context,
  search: NodeSearch | undefined,
  { after, limit }: ListOptions,
): Promise<NodesPage> {
  if (search === undefined) return { nodes: [] };
  const { criteria, filters } = search;
  if (filters.length === 0) return findNodes(context, criteria, { after, limit });
  const found: ListedNode[] = [];
  let next = after;
  // Most filters let most nodes through: no more is read than a page has, until that proves wrong.
  for (
    let read = 0, atOnce = limit;
    read < mostRead;
    read += atOnce, atOnce = Math.min(Math.max(atOnce, mostReadAtOnce), atOnce * 4)
  ) {
    const page = await findNodes(context, criteria, { after: next, limit: atOnce });
    for (const [place, node] of page.nodes.entries()) {
      if (!passes(node, filters)) continue;
      found.push(node);
      if (found.length < limit) continue;
      const isLast = page.next === undefined && place === page.nodes.length - 1;
      return { nodes: found, ...(isLast ? {} : { next: node.id }) };
    }
    if (page.next === undefined) return { nodes: found };
    next = page.next;
  }
  return { nodes: found, ...(next === undefined ? {} : { next }) };
}

/** The place behind which a page begins. @throws InvalidNextToken */
export async function placeOfToken(
  context: Context,
  token: string | undefined,
  operation: string,
): Promise<string | undefined> {
  return token === undefined ? undefined : (await decodeToken<{ after: string }>(context, token, operation)).after;
}

/** `NextToken`, where there may be more. */
export async function tokenOf(
  context: Context,
  { next }: Pick<NodesPage, 'next'>,
  operation: string,
): Promise<{ NextToken?: string }> {
  return next === undefined ? {} : { NextToken: await encodeToken(context, { after: next }, operation) };
}
