/**
 * Pages of a list that is filtered as it is read. A filter may let few items through: a page ends after so much
 * reading, however few items it has by then. It is then short, even empty, and its token goes on. So one request's
 * work is bounded, whatever its filters.
 */
import type { Context } from './context.ts';
import { decodeToken, encodeToken } from './pagination.ts';

/** An item of the list that has been read, and where the list goes on after it. */
export interface Candidate<Item, Position extends object> {
  readonly item: Item;
  /** Becomes the token: JSON, and small. It must stay good when items are added or removed between two pages. */
  readonly position: Position;
  /** How much of the page's reading it counts for. Default 1; less for what is cheaper than a row. */
  readonly cost?: number;
}

/** A position that is a text of the item's own: an id, a name, a sort key. */
export interface TextPosition {
  readonly after: string;
}

/** Rows that one page reads at most, whatever it finds. */
export const defaultReadLimit = 1000;

export interface PageSize {
  /** Items that the page shows at most. */
  readonly limit: number;
  /** What the costs of its candidates may come to. Default {@link defaultReadLimit}. */
  readonly readLimit?: number;
}

export interface PageRequest extends PageSize {
  /** The caller's NextToken. */
  readonly token: string | undefined;
  /** The operation, and its filters where a token must not go on with others: its tokens are no other's. */
  readonly purpose: string;
}

/** Says what of an item the page shows; `undefined` leaves it out. */
export type Choose<Item, Chosen> = (item: Item) => Chosen | undefined | Promise<Chosen | undefined>;

/**
 * One page, and its token.
 * @param read the list behind a position, or from its beginning; in an order that does not change. A generator, so that
 *   no more is read than the page needs
 * @throws InvalidNextToken
 * @example
 * const { items, nextToken } = await filteredPage(
 *   context,
 *   { token: input.NextToken, limit: input.MaxResults ?? 50, purpose: 'ListDocuments' },
 *   (position?: TextPosition) => documentsBehind(position?.after),
 *   (document) => (fits(document) ? document : undefined),
 * );
 */
export async function filteredPage<Item, Position extends object, Chosen>(
  context: Pick<Context, 'keys'>,
  { token, purpose, ...size }: PageRequest,
  read: (position: Position | undefined) => AsyncIterable<Candidate<Item, Position>>,
  choose: Choose<Item, Chosen>,
): Promise<{ readonly items: Chosen[]; readonly nextToken?: string }> {
  const position = token === undefined ? undefined : await decodeToken<Position>(context, token, purpose);
  const { items, next } = await collectPage(read(position), size, choose);
  return next === undefined ? { items } : { items, nextToken: await encodeToken(context, next, purpose) };
}

/**
 * The same without tokens.
 * @returns `next`: behind what the next page begins; absent where the list has ended
 */
export async function collectPage<Item, Position extends object, Chosen>(
  candidates: AsyncIterable<Candidate<Item, Position>>,
  { limit, readLimit = defaultReadLimit }: PageSize,
  choose: Choose<Item, Chosen>,
): Promise<{ readonly items: Chosen[]; readonly next?: Position }> {
  const items: Chosen[] = [];
  let last: Position | undefined;
  let spent = 0;
  for await (const { item, position, cost = 1 } of candidates) {
    if (last !== undefined && spent >= readLimit) return { items, next: last };
    const chosen = await choose(item);
    // One more than the page shows proves that there is another page, which is then never empty for nothing.
    if (chosen !== undefined && last !== undefined && items.length >= limit) return { items, next: last };
    if (chosen !== undefined) items.push(chosen);
    last = position;
    spent += cost;
  }
  return { items };
}

/**
 * Items with positions that are texts of their own.
 * @param cost of each; 0 for what needs no more reading
 */
export function* placedBy<Item>(
  items: Iterable<Item>,
  positionOf: (item: Item) => string,
  cost = 1,
): Generator<Candidate<Item, TextPosition>> {
  for (const item of items) yield { item, position: { after: positionOf(item) }, cost };
}
