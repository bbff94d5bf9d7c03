/** DynamoDB's limits as we count them, beside an item's size by DynamoDB's own rule. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toRowItem } from '../../aws/state-item.ts';
import type { Item } from '../../aws/attribute-values.ts';
import { checkItem, checkKey, checkMany, checkTransaction, checkUpdate, pageBytes } from '../../core/state-limits.ts';
import { StateLimitExceeded, type Body } from '../../core/state.ts';

const key = { pk: 'NODE#mi-0123456789abcdef0', sk: 'NODE' };
const event = { id: 'e', detailType: 'Test', time: 1, resources: [], detail: { text: 'ü' } };

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html */
function dynamoBytes(item: Item): number {
  const bytes = ({ S, N, BOOL, NULL: nothing, L, M }: AttributeValue): number => {
    if (S !== undefined) return Buffer.byteLength(S);
    if (N !== undefined)
      return (
        Math.ceil(N.replace(/[-.]|e.*/gi, '').replace(/^0+|0+$/g, '').length / 2) + 1 + (N.startsWith('-') ? 1 : 0)
      );
    if (BOOL !== undefined || nothing !== undefined) return 1;
    if (L !== undefined) return 3 + L.reduce((sum, value) => sum + 1 + bytes(value), 0);
    return (
      3 + Object.entries(M ?? {}).reduce((sum, [name, value]) => sum + 1 + Buffer.byteLength(name) + bytes(value), 0)
    );
  };
  return Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + bytes(value), 0);
}

const member = fc.jsonValue({ maxDepth: 4, noUnicodeString: false });
const body = fc.dictionary(
  fc.string({ unit: 'binary', maxLength: 12 }).filter((name) => name !== '__proto__'),
  member,
  { maxKeys: 8 },
);

test('no item is larger than it is counted, and none is counted much larger', () => {
  fc.assert(
    fc.property(body, fc.boolean(), (content, more) => {
      // Numbers beyond DynamoDB's are refused; that is another test's.
      const known = JSON.parse(JSON.stringify(content), (_name, value: unknown) =>
        typeof value === 'number' && value !== 0 && (Math.abs(value) < 1e-100 || Math.abs(value) > 1e100) ? 1 : value,
      ) as Body;
      const indexes = more ? { index1: { pk: 'a', sk: 'ü' } } : {};
      const events = more ? [event, event] : [];
      const item = toRowItem({
        ...key,
        version: 12,
        body: known,
        indexes,
        events,
        ...(more ? { expiresAt: 1_767_603_600, shape: 12, write: 'e2b1c1a4-98a0-4d8c-8f67-5d0b1c2d3e4f' } : {}),
      });
      const counted = checkItem(key, known, Object.values(indexes), Buffer.byteLength(JSON.stringify(events)));
      const actual = dynamoBytes(item);
      expect(counted).toBeGreaterThanOrEqual(actual);
      expect(counted).toBeLessThanOrEqual(actual * 2 + 200);
    }),
    { numRuns: 1000 },
  );
});

describe('an item', () => {
  const text = (bytes: number): Body => ({ text: 'x'.repeat(bytes) });

  test('of 400 KB is the last that fits, everything counted', () => {
    expect(checkItem(key, text(409_000), [])).toBeLessThanOrEqual(400 * 1024);
    expect(() => checkItem(key, text(409_600), [])).toThrow(StateLimitExceeded);
    expect(() => checkItem(key, text(409_000), [], 1000)).toThrow(/400|409600/);
    expect(() => checkItem(key, text(409_000), [{ pk: 'i'.repeat(500), sk: 'x' }])).toThrow(StateLimitExceeded);
    expect(() => checkItem(key, { text: 'ü'.repeat(205_000) }, [])).toThrow(StateLimitExceeded);
  });

  test('holds 32 levels and no more', () => {
    const nested = (levels: number): unknown =>
      levels === 0 ? 1 : levels % 2 ? { a: nested(levels - 1) } : [nested(levels - 1)];
    checkItem(key, { a: nested(32) }, []);
    expect(() => checkItem(key, { a: nested(33) }, [])).toThrow(/32 levels/);
  });

  test.each([1e126, -1e126, 1e-131, Number.MIN_VALUE, Number.MAX_VALUE])('does not hold the number %d', (number) =>
    expect(() => checkItem(key, { list: [number] }, [])).toThrow(StateLimitExceeded),
  );
  test.each([0, -0, 9.9e125, -1e-130, Number.MAX_SAFE_INTEGER, 0.1])('holds the number %d', (number) =>
    expect(checkItem(key, { number }, [])).toBeGreaterThan(0),
  );
});

test.each([
  ['an empty pk', { pk: '', sk: 'a' }],
  ['an empty sk', { pk: 'a', sk: '' }],
  ['a pk of 2,049 bytes', { pk: 'ü'.repeat(1024) + 'x', sk: 'a' }],
  ['an sk of 1,025 bytes', { pk: 'a', sk: '𝄞'.repeat(256) + 'x' }],
  ['half a surrogate pair', { pk: 'a', sk: 'a\ud834' }],
])('%s is no key', (_name, bad) => expect(() => checkKey(bad)).toThrow(StateLimitExceeded));

test('the longest keys are keys', () => checkKey({ pk: 'ü'.repeat(1024), sk: '𝄞'.repeat(256) }));

describe('a transaction', () => {
  const puts = (count: number) => Array.from({ length: count }, (_, n) => ({ put: { pk: 'a', sk: `${n}` }, body: {} }));
  const deletes = (count: number) => Array.from({ length: count }, (_, n) => ({ delete: { pk: 'a', sk: `${n}` } }));

  test('has a hundred rows', () => {
    checkTransaction(puts(100));
    expect(() => checkTransaction(puts(101))).toThrow(StateLimitExceeded);
  });

  test('needs a row more for events when no row of it stays', () => {
    checkTransaction([...deletes(99).slice(1), { ...deletes(1)[0]!, events: [event] }]);
    expect(() => checkTransaction([...deletes(100).slice(1), { ...deletes(1)[0]!, events: [event] }])).toThrow(
      StateLimitExceeded,
    );
    checkTransaction([...deletes(100).slice(1), { ...puts(1)[0]!, events: [event] }]);
  });

  test('names no row twice, a check included', () => {
    expect(() => checkTransaction([...puts(1), { check: { pk: 'a', sk: '0' }, when: { row: 'present' } }])).toThrow(
      /twice/,
    );
    checkTransaction([
      { put: { pk: 'a\0b', sk: 'c' }, body: {} },
      { put: { pk: 'a', sk: 'b\0c' }, body: {} },
      { put: { pk: 'a ', sk: 'b' }, body: {} },
      { put: { pk: 'a', sk: ' b' }, body: {} },
    ]);
  });
});

test('an update neither sets nor removes what it adds to', () => {
  expect(() => checkUpdate({ set: { n: 1 }, add: { n: 1 } })).toThrow(StateLimitExceeded);
  expect(() => checkUpdate({ remove: ['n'], add: { n: 1 } })).toThrow(StateLimitExceeded);
  checkUpdate({ set: { a: 1 }, remove: ['b'], add: { n: 1 } });
});

test('a hundred rows are read at once', () => {
  const keys = Array.from({ length: 101 }, () => key);
  checkMany(keys.slice(1));
  expect(() => checkMany(keys)).toThrow(StateLimitExceeded);
  expect(pageBytes).toBe(2 ** 20);
});
