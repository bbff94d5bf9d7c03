/** Pages of a list that is filtered as it is read. */
import type { RequestContext } from '../../../core/context.ts';
import { decodeToken, encodeToken } from '../../../core/pagination.ts';

/** An item, and where the list goes on after it. */
export interface Placed<Item, Position> {
  readonly item: Item;
  readonly position: Position;
}

/**
 * A page reads at most this many items, however few of them match: a rare status must not keep a request
 * busy over a month of history. The page is then short, even empty, and its token goes on.
 */
const readLimit = 1000;

export interface PageRequest {
  /** The caller's NextToken. */
  readonly token: string | undefined;
  readonly limit: number;
  /** The operation: its tokens are no other's. */
  readonly purpose: string;
}

/**
 * One page.
 * @param read the list from a position on, in its order
 * @throws InvalidNextToken
 */
export async function collectPage<Item, Position extends object>(
  context: RequestContext,
  { token, limit, purpose }: PageRequest,
  read: (after?: Position) => AsyncGenerator<Placed<Item, Position>>,
  matches: (item: Item) => boolean,
): Promise<{ items: Item[]; nextToken?: string }> {
  const after = token === undefined ? undefined : await decodeToken<Position>(context, token, purpose);
  const items: Item[] = [];
  let last: Position | undefined;
  let count = 0;
  for await (const { item, position } of read(after)) {
    const matching = matches(item);
    // One more than the page shows that there is another page, and never an empty one for nothing.
    if (last !== undefined && ((matching && items.length === limit) || count >= readLimit))
      return { items, nextToken: await encodeToken(context, last, purpose) };
    count++;
    if (matching) items.push(item);
    last = position;
  }
  return { items };
}
