/** The SQL of a query, and the cursor between its pages. */
import { StateLimitExceeded, type Query } from '../../core/state.ts';

export interface QuerySql {
  readonly sql: string;
  readonly parameters: (string | number)[];
}

/** Where a page ended: a sort key, or an index key with the row's own. */
type Cursor = readonly string[];

/**
 * SQLite compares text byte by byte in UTF-8, as DynamoDB does.
 * @param now epoch seconds: expired rows are not there
 */
export function querySql(query: Query, now: number): QuerySql {
  const index = query.index === undefined ? undefined : query.index === 'index1' ? 1 : 2;
  const [from, pk, sk, rest] =
    index === undefined
      ? ['rows', 'rows.pk', 'rows.sk', []]
      : ['index_rows JOIN rows ON rows.pk = index_rows.pk AND rows.sk = index_rows.sk', 'index_rows.index_pk', 'index_rows.index_sk', ['index_rows.pk', 'index_rows.sk']];
  const conditions = [`${pk} = ?`];
  const parameters: (string | number)[] = [query.pk];
  if (index !== undefined) {
    conditions.unshift('index_rows.number = ?');
    parameters.unshift(index);
  }
  const bound = (comparison: string, value: string): void => {
    conditions.push(`${sk} ${comparison} ?`);
    parameters.push(value);
  };
  if (query.prefix !== undefined) {
    if (query.from !== undefined || query.to !== undefined) throw new StateLimitExceeded('a query has a prefix or bounds, not both');
    bound('>=', query.prefix);
    const end = successor(query.prefix);
    if (end !== undefined) bound('<', end);
  }
  if (query.from !== undefined) bound('>=', query.from);
  if (query.to !== undefined) bound('<=', query.to);
  if (query.after !== undefined) {
    const columns = [sk, ...rest];
    conditions.push(`(${columns.join(', ')}) ${query.reverse ? '<' : '>'} (${columns.map(() => '?').join(', ')})`);
    parameters.push(...decodeCursor(query.after, columns.length));
  }
  conditions.push('(rows.expires_at IS NULL OR rows.expires_at > ?)');
  parameters.push(now);
  const direction = query.reverse ? ' DESC' : '';
  const order = [sk, ...rest].map((column) => `${column}${direction}`).join(', ');
  return { sql: `SELECT rows.*${index === undefined ? '' : ', index_rows.index_sk AS place'} FROM ${from} WHERE ${conditions.join(' AND ')} ORDER BY ${order}`, parameters };
}

export function encodeCursor(cursor: Cursor): string {
  return Buffer.from(JSON.stringify(cursor)).toString('base64url');
}

function decodeCursor(text: string, length: number): string[] {
  const cursor: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
  if (!Array.isArray(cursor) || cursor.length !== length || !cursor.every((part) => typeof part === 'string')) throw new StateLimitExceeded('a cursor of another query');
  return cursor;
}

/** The least text that is greater than all texts with this prefix; undefined where there is none. */
export function successor(prefix: string): string | undefined {
  const points = [...prefix];
  while (points.length > 0) {
    const last = points.pop()!.codePointAt(0)!;
    if (last === 0x10ffff) continue;
    // The surrogates are no characters: UTF-8 goes on behind them.
    return points.join('') + String.fromCodePoint(last + 1 === 0xd800 ? 0xe000 : last + 1);
  }
  return undefined;
}
