import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeCursor } from '../../../core/state-cursor.ts';
import type { Query } from '../../../core/state.ts';
import { querySql, successor } from '../../../local/sqlite/query.ts';
import { prepare } from '../../../local/sqlite/schema.ts';

/** As SQLite and DynamoDB order texts: by their bytes in UTF-8. */
const compare = (one: string, other: string): number => Buffer.compare(Buffer.from(one), Buffer.from(other));
const character = fc.oneof(
  fc.constantFrom(
    'a',
    'z',
    '#',
    '\u{7f}',
    '\u{80}',
    '\u{7ff}',
    '\u{d7ff}',
    '\u{e000}',
    '\u{ffff}',
    '\u{10000}',
    '\u{10ffff}',
  ),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
);
const text = fc.array(character, { maxLength: 6 }).map((characters) => characters.join(''));

test('texts from a prefix to its successor are those that begin with it', () => {
  fc.assert(
    fc.property(text, text, fc.boolean(), (prefix, other, extend) => {
      const candidate = extend ? prefix + other : other;
      const end = successor(prefix);
      const within = compare(candidate, prefix) >= 0 && (end === undefined || compare(candidate, end) < 0);
      expect(within).toBe(candidate.startsWith(prefix));
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ['a', 'b'],
  ['a#', 'a$'],
  ['a\u{10ffff}', 'b'],
  ['\u{d7ff}', '\u{e000}'],
  ['\u{10ffff}', undefined],
  ['', undefined],
])('after %j comes %j', (prefix, end) => expect(successor(prefix)).toBe(end));

const ranges: Pick<Query, 'from' | 'to' | 'prefix'>[] = [
  {},
  { prefix: 'a' },
  { prefix: '' },
  { from: 'a' },
  { to: 'b' },
  { from: 'a', to: 'b' },
];
const at = { pk: 'P', sk: 'a' };
const sources = [{ cursor: { row: at, at } }, { index: 'index1' as const, cursor: { row: { pk: 'b', sk: 'c' }, at } }];
const queries = sources.flatMap(({ cursor, ...source }) =>
  ranges.flatMap((range) =>
    [false, true].flatMap((reverse) =>
      [undefined, encodeCursor(cursor)].map((after): Query => ({
        pk: 'P',
        ...source,
        ...range,
        reverse,
        limit: 5,
        after,
      })),
    ),
  ),
);

test('no query reads more than its rows, nor sorts them', () => {
  const database = new DatabaseSync(':memory:');
  prepare(database);
  expect(queries).toHaveLength(48);
  for (const query of queries) {
    const { sql, parameters } = querySql(query, 1);
    const plan = database
      .prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .all(...parameters)
      .map(({ detail }) => detail as string);
    const [first = '', second] = plan;
    expect(plan, sql).toHaveLength(query.index === undefined ? 1 : 2);
    expect(first, sql).toMatch(
      query.index === undefined ? /^SEARCH rows .*\(pk=\?/ : /^SEARCH index_rows .*\(index_pk=\?/,
    );
    // Where there is a bound or a cursor, the search begins there.
    if (query.after !== undefined || query.from !== undefined || query.to !== undefined || query.prefix !== undefined)
      expect(first, sql).toMatch(/sk[<>]\?|\(sk\)[<>]|\(index_sk,pk,sk\)[<>]/);
    // Of two bounds on one side it would begin at one and skip to the other, page after page.
    expect(sql.match(/sk\)? >=? [?(]/g)?.length ?? 0, sql).toBeLessThanOrEqual(1);
    expect(sql.match(/sk\)? <=? [?(]/g)?.length ?? 0, sql).toBeLessThanOrEqual(1);
    if (second !== undefined) expect(second).toMatch(/^SEARCH rows .*\(pk=\? AND sk=\?\)/);
  }
  database.close();
});
