import fc from 'fast-check';
import { expect, test } from 'vitest';
import { successor } from '../../../local/sqlite/query.ts';

/** As SQLite and DynamoDB order texts: by their bytes in UTF-8. */
const compare = (one: string, other: string): number => Buffer.compare(Buffer.from(one), Buffer.from(other));
const character = fc.oneof(fc.constantFrom('a', 'z', '#', '\u{7f}', '\u{80}', '\u{7ff}', '\u{d7ff}', '\u{e000}', '\u{ffff}', '\u{10000}', '\u{10ffff}'), fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }));
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
