/** Pages of commands and of invocations: core's, with a test of each item. */
import type { RequestContext } from '../../../core/context.ts';
import { filteredPage, type Candidate, type PageRequest } from '../../../core/filtered-pages.ts';

/** An item, and where the list goes on after it. */
export type Placed<Item, Position extends object> = Candidate<Item, Position>;

/**
 * One page.
 * @param read the list from a position on, in its order
 * @throws InvalidNextToken
 */
export function collectPage<Item, Position extends object>(
  context: RequestContext,
  request: PageRequest,
  read: (after?: Position) => AsyncGenerator<Placed<Item, Position>>,
  matches: (item: Item) => boolean,
): Promise<{ readonly items: Item[]; readonly nextToken?: string }> {
  return filteredPage(context, request, read, (item) => (matches(item) ? item : undefined));
}
