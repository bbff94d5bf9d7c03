/**
 * Pages of a list that is filtered while it is read. A filter may match few items, so a page ends after a fixed amount
 * of reading, however few items it has found. The page is then short or even empty, and its token continues the list.
 * The work of one request is bounded, whatever its filters are.
 */
import type { Context } from './context.ts';
import { decodeToken, encodeToken } from './pagination.ts';

/** An item that has been read, and the position after it where the list can continue. */
export interface Candidate<Item, Position extends object> {
  readonly item: Item;
  /**
   * The content of the token: JSON, and small. It must stay valid when items are added or removed between two pages.
   */
  readonly position: Position;
  /** How much of the page's read limit this item uses. Default 1; less for what is cheaper than a row. */
  readonly cost?: number;
}

/** A position that is a text of the item: an id, a name, a sort key. */
export interface TextPosition {
  readonly after: string;
}

/** The most rows that one page reads. */
export const defaultReadLimit = 1000;

export interface PageSize {
  /** The most items that the page shows. */
  readonly limit: number;
  /** The most that the costs of the items read may add up to. Default {@link defaultReadLimit}. */
  readonly readLimit?: number;
}

export interface PageRequest extends PageSize {
  /** The caller's NextToken. */
  readonly token: string | undefined;
  /**
   * The operation, with its filters where other filters must not use the token. A token is valid for one purpose only.
   */
  readonly purpose: string;
}

/** Turns an item into what the page shows; `undefined` leaves the item out. */
export type Choose<Item, Chosen> = (item: Item) => Chosen | undefined | Promise<Chosen | undefined>;

/**
 * Reads one page, and makes its token.
 * @param read the list after a position, or from its beginning, in a fixed order. A generator reads no more than needed
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
 * As {@link filteredPage}, with positions instead of tokens.
 * @returns `next`: the position after which the next page begins; absent at the end of the list
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
    // Reading one item more than the page shows proves that there is another page, so the last page is never empty.
    if (chosen !== undefined && last !== undefined && items.length >= limit) return { items, next: last };
    if (chosen !== undefined) items.push(chosen);
    last = position;
    spent += cost;
  }
  return { items };
}

/**
 * Adds positions to items that have a text of their own as position.
 * @param cost of each item; 0 for an item that needs no more reading
 */
export function* withTextPositions<Item>(
  items: Iterable<Item>,
  positionOf: (item: Item) => string,
  cost = 1,
): Generator<Candidate<Item, TextPosition>> {
  for (const item of items) yield { item, position: { after: positionOf(item) }, cost };
}
