import fc from 'fast-check';
import { expect, test } from 'vitest';
import { waves } from '../../../functions/fan-out/waves.ts';

test.each([
  [1, 50, [1]],
  [2, 50, [1, 1]],
  [10, 50, [1, 1, 2, 4, 2]],
  [100, 8, [1, 1, 2, 4]],
  [100, 10, [1, 1, 2, 4, 2]],
  [100, 1, [1]],
  [0, 10, []],
])('%i nodes, %i at once', (targets, maxConcurrency, expected) => {
  expect(waves(targets, { maxConcurrency, maxErrors: 0 })).toEqual(expected);
});

test('they add up to what may be under way, whatever that is', () => {
  fc.assert(
    fc.property(
      fc.nat(100_000),
      fc.integer({ min: 1, max: 100_000 }),
      fc.nat(100),
      (targets, maxConcurrency, maxErrors) => {
        const sizes = waves(targets, { maxConcurrency, maxErrors });
        expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(Math.min(targets, maxConcurrency));
        expect(sizes.length).toBeLessThanOrEqual(19);
      },
    ),
  );
});
