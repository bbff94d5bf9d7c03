import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LeastRecentlyUsed } from '../../core/least-recently-used.ts';

test('never holds more than its capacity, and always what was set last', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.array(fc.tuple(fc.nat(40), fc.boolean())), (capacity, steps) => {
      const cache = new LeastRecentlyUsed<number, number>(capacity);
      for (const [key, write] of steps) {
        if (!write) {
          cache.get(key);
          continue;
        }
        cache.set(key, key);
        expect(cache.get(key)).toBe(key);
      }
      expect(
        Array.from({ length: 41 }, (_, key) => cache.get(key)).filter((value) => value !== undefined).length,
      ).toBeLessThanOrEqual(capacity);
    }),
  );
});

test('when it is full, what is asked for stays and what is not goes', () => {
  const cache = new LeastRecentlyUsed<string, number>(3);
  for (const [place, key] of ['a', 'b', 'c'].entries()) cache.set(key, place);
  cache.get('a');
  cache.set('d', 3);
  expect(['a', 'b', 'c', 'd'].map((key) => cache.get(key))).toEqual([0, undefined, 2, 3]);
});

test('what is deleted is gone', () => {
  const cache = new LeastRecentlyUsed<string, number>(2);
  cache.set('a', 1);
  cache.delete('a');
  expect(cache.get('a')).toBeUndefined();
});
