/**
 * The cursor between the pages of a query, the same in every State: the key at which the page ended. As in DynamoDB, it
 * continues only the query that it came from.
 */
import { StateLimitExceeded, type Key, type Query } from './state.ts';

/** The key at which a page ended. */
export interface Position {
  /** The last row's key. */
  readonly row: Key;
  /** The key that orders the query: the row's own, or its index key. */
  readonly at: Key;
}

export function encodeCursor({ row, at }: Position): string {
  return Buffer.from(JSON.stringify([row.pk, row.sk, at.pk, at.sk])).toString('base64url');
}

/** @throws StateLimitExceeded for a cursor of another query */
export function decodeCursor({ after, ...query }: Query): Position | undefined {
  if (after === undefined) return undefined;
  const parts = parse(after);
  if (!Array.isArray(parts) || parts.length !== 4 || !parts.every((part) => typeof part === 'string'))
    throw new StateLimitExceeded('a cursor of no query');
  const [pk, sk, atPk, atSk] = parts as [string, string, string, string];
  const position = { row: { pk, sk }, at: { pk: atPk, sk: atSk } };
  const ofTable = pk === atPk && sk === atSk;
  if (atPk !== query.pk || !isWithin(atSk, query) || (query.index === undefined && !ofTable))
    throw new StateLimitExceeded('a cursor of another query');
  return position;
}

function isWithin(sk: string, { prefix = '', from, to }: Pick<Query, 'prefix' | 'from' | 'to'>): boolean {
  return (
    sk.startsWith(prefix) &&
    (from === undefined || compare(sk, from) >= 0) &&
    (to === undefined || compare(sk, to) <= 0)
  );
}

/** The order of keys: by their bytes in UTF-8. */
function compare(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    return undefined;
  }
}
