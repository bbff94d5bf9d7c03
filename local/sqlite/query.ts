/** The SQL of a query. */
import { decodeCursor, type Position } from '../../core/state-cursor.ts';
import { StateLimitExceeded, type Query } from '../../core/state.ts';

export interface QuerySql {
  /** The same text for all queries of one kind: what differs is a parameter. */
  readonly sql: string;
  readonly parameters: (string | number)[];
}

const rowColumns = 'rows.pk, rows.sk, rows.version, rows.body, rows.expires_at, rows.shape';

/**
 * SQLite compares text byte by byte in UTF-8, as DynamoDB does. The query reads one row more than the limit, to find
 * out whether there are more.
 * @param now epoch seconds: expired rows are left out
 * @throws StateLimitExceeded
 */
export function querySql(query: Query, now: number): QuerySql {
  const { index, prefix, from, to, limit, reverse } = query;
  if (prefix !== undefined && (from !== undefined || to !== undefined))
    throw new StateLimitExceeded('a query has a prefix or bounds, not both');
  if (limit !== undefined && !(limit >= 1)) throw new StateLimitExceeded(`a query of at most ${limit} rows`);
  if (query.pk === '') throw new StateLimitExceeded('an empty pk');
  const after = decodeCursor(query);
  const table = index === undefined;
  // index_rows comes first, because its order is the requested one. CROSS JOIN makes SQLite keep this order.
  const source = table ? 'rows' : 'index_rows CROSS JOIN rows ON rows.pk = index_rows.pk AND rows.sk = index_rows.sk';
  const [pk, sk] = table ? ['rows.pk', 'rows.sk'] : ['index_rows.index_pk', 'index_rows.index_sk'];
  const order = table ? [sk] : [sk, 'index_rows.pk', 'index_rows.sk'];
  const conditions: string[] = [];
  const parameters: (string | number)[] = [];
  const where = (condition: string, ...values: (string | number)[]): void => {
    conditions.push(condition);
    parameters.push(...values);
  };
  where(`${pk} = ?`, query.pk);
  const lowest = prefix ?? from;
  const end = prefix === undefined ? undefined : successor(prefix);
  // A cursor is within the bounds, so it replaces the bound that it has passed. SQLite starts its search at one bound
  // only: if it always started at the first row, the cost of reading a long list would be quadratic.
  if (lowest !== undefined && (after === undefined || reverse)) where(`${sk} >= ?`, lowest);
  if (end !== undefined && (after === undefined || !reverse)) where(`${sk} < ?`, end);
  if (to !== undefined && (after === undefined || !reverse)) where(`${sk} <= ?`, to);
  if (after !== undefined)
    where(`(${order.join(', ')}) ${reverse ? '<' : '>'} (${order.map(() => '?').join(', ')})`, ...places(after, table));
  where('(rows.expires_at IS NULL OR rows.expires_at > ?)', now);
  if (query.newer === 'skip') where('(rows.shape IS NULL OR rows.shape <= ?)', query.shape ?? 1);
  const sql = [
    `SELECT ${rowColumns}${table ? '' : ', index_rows.index_sk AS place'} FROM ${source}`,
    `WHERE ${conditions.join(' AND ')}`,
    `ORDER BY ${order.map((column) => `${column}${reverse ? ' DESC' : ''}`).join(', ')} LIMIT ?`,
  ].join(' ');
  return { sql, parameters: [...parameters, limit === undefined ? -1 : limit + 1] };
}

/** The cursor's values for the columns that order the query. */
function places({ row, at }: Position, table: boolean): string[] {
  return table ? [row.sk] : [at.sk, row.pk, row.sk];
}

/** The smallest text that is greater than all texts with this prefix; undefined where there is none. */
export function successor(prefix: string): string | undefined {
  const points = [...prefix];
  while (points.length > 0) {
    const last = points.pop()!.codePointAt(0)!;
    if (last === 0x10ffff) continue;
    // Surrogates are no characters, so they are skipped.
    return points.join('') + String.fromCodePoint(last + 1 === 0xd800 ? 0xe000 : last + 1);
  }
  return undefined;
}
