import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fateOf, noFaults, shareOf } from '../../simulate/faults.ts';

test('without faults a command takes its time and its reply arrives once', () => {
  fc.assert(
    fc.property(fc.nat(10_000), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (duration, roll) => {
      expect(fateOf(noFaults, duration, () => roll)).toEqual({
        delay: duration,
        lost: false,
        doubled: false,
        failed: false,
      });
    }),
  );
});

test('what has the share 1 always happens, and nothing is later than asked for', () => {
  fc.assert(
    fc.property(
      fc.nat(10_000),
      fc.nat(10_000),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (duration, late, roll) => {
        const fate = fateOf({ late, lost: 1, doubled: 1, failing: 1 }, duration, () => roll);
        expect(fate).toMatchObject({ lost: true, doubled: true, failed: true });
        expect(fate.delay).toBeGreaterThanOrEqual(duration);
        expect(fate.delay).toBeLessThanOrEqual(duration + late);
      },
    ),
  );
});

test.each([
  ['0.1', 0.1],
  ['10%', 0.1],
  ['.5', 0.5],
  ['1', 1],
  ['100%', 1],
  ['101%', undefined],
  ['-1', undefined],
  ['2', undefined],
  ['ten', undefined],
  ['', undefined],
])('the share %o is %o', (text, share) => {
  expect(shareOf(text)).toEqual(share);
});
