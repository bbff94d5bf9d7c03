/** Keys of rows that exist: they stay as they are, byte for byte. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deadLetterKey } from '../../core/dead-letters.ts';
import { lastDigitShardOf, padded, paddedTime, shardOf } from '../../core/keys-of-rows.ts';
import { outboxKey } from '../../core/outbox.ts';
import { timerKey, timersUntil } from '../../core/timers.ts';
import { versionKey as parameterVersionKey } from '../../functions/application-tools/parameter-store/store.ts';
import { versionKey as documentVersionKey } from '../../functions/change-management/documents/store.ts';

test('the order of keys is the order of numbers', () => {
  fc.assert(
    fc.property(
      fc.nat({ max: 8_640_000_000_000_000 / 10 }),
      fc.nat({ max: 8_640_000_000_000_000 / 10 }),
      (one, other) => {
        expect(paddedTime(one) < paddedTime(other)).toBe(one < other);
        expect(Number(paddedTime(one))).toBe(one);
      },
    ),
  );
  expect([paddedTime(0), paddedTime(1_767_323_045_000), padded(7, 4)]).toEqual([
    '000000000000000',
    '001767323045000',
    '0007',
  ]);
});

test('a shard is one of so many, always the same, and no shard is left out', () => {
  const found = new Set<number>();
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 64 }), (id, shards) => {
      const shard = shardOf(id, shards);
      expect(Number.isInteger(shard) && shard >= 0 && shard < shards).toBe(true);
      expect(shardOf(id, shards)).toBe(shard);
    }),
  );
  for (let at = 0; at < 1000; at++) found.add(shardOf(`mi-${at.toString(16)}`, 16));
  expect(found.size).toBe(16);
});

test.each([
  ['', 0],
  ['mi-0123456789abcdef0', 0],
  ['mi-0123456789abcdeff', 15],
  ['i-x', 0],
])('the shard of %j by its last digit is %i', (id, shard) => expect(lastDigitShardOf(id)).toBe(shard));

describe('rows that exist', () => {
  const moment = 1_767_323_045_000;

  test.each([
    [timerKey({ id: 'purge-document#abc', due: moment }), 'TIMER#12', '001767323045000#purge-document#abc'],
    [outboxKey(moment, 'e-1'), 'OUTBOX#9', '001767323045000#e-1'],
    [
      outboxKey(0, '5f1c9a3e-2222-4444-8888-0123456789ab'),
      'OUTBOX#3',
      '000000000000000#5f1c9a3e-2222-4444-8888-0123456789ab',
    ],
    [deadLetterKey({ id: 'x', failedAt: moment }), 'DEAD-LETTERS', '001767323045000-x'],
    [documentVersionKey('d', 12), 'DOCUMENT-VERSIONS#d', 'VERSION#0000000012'],
    [parameterVersionKey({ name: 'a', incarnation: 'i' }, 3), 'PARAMETER#/a', 'VERSION#i#999999999996'],
  ])('%o', (key, pk, sk) => expect(key).toEqual({ pk, sk }));

  test('the timers until a moment are those of it too', () => {
    const { pk, to } = timersUntil(11, moment);
    expect([pk, to]).toEqual(['TIMER#11', '001767323045001#']);
    expect(timerKey({ id: 'x', due: moment }).sk < to!).toBe(true);
  });
});
