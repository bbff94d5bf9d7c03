import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Key } from '../../../core/state.ts';
import { RecentRows, type RecentRow } from '../../../local/sqlite/recent-rows.ts';

const key = (n: number): Key => ({ pk: `P${n % 3}`, sk: `${n}` });
const row = (version: number): RecentRow => ({ version, body: {}, expiresAt: null, shape: null });

test('what is remembered is what was kept last and not forgotten since, through many generations', () => {
  const step = fc.oneof(
    // A walk over many rows moves the generations on.
    { weight: 1, arbitrary: fc.record({ walk: fc.integer({ min: 1, max: 1500 }) }) },
    { weight: 8, arbitrary: fc.record({ read: fc.integer({ min: 0, max: 20 }) }) },
    { weight: 4, arbitrary: fc.record({ write: fc.integer({ min: 0, max: 20 }) }) },
    { weight: 1, arbitrary: fc.record({ undo: fc.constant(true) }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const recent = new RecentRows();
      const versions = new Map<number, number>();
      let walked = 1000;
      const read = (n: number): void => {
        const version = versions.get(n) ?? 0;
        const found = recent.get(key(n));
        if (found !== undefined) expect(found.version).toBe(version);
        else recent.keep(key(n), row(version), 2);
        expect(recent.get(key(n))?.version).toBe(version);
      };
      for (const one of steps) {
        if ('walk' in one) for (let n = 0; n < one.walk; n++) read(walked++);
        else if ('read' in one) read(one.read);
        else if ('undo' in one) recent.forgetAll();
        else {
          versions.set(one.write, (versions.get(one.write) ?? 0) + 1);
          recent.forget(key(one.write));
          expect(recent.get(key(one.write))).toBeUndefined();
        }
      }
    }),
    { numRuns: 100 },
  );
});

test('a row in use stays through a walk over all others; of those, the first are gone; a large one is not kept', () => {
  const recent = new RecentRows();
  recent.keep(key(0), row(1), 2);
  for (let n = 1; n <= 10_000; n++) {
    recent.keep(key(n), row(1), 2);
    if (n % 500 === 0) expect(recent.get(key(0))).toBeDefined();
  }
  expect(recent.get(key(1))).toBeUndefined();
  recent.keep(key(-1), row(1), 5000);
  expect(recent.get(key(-1))).toBeUndefined();
});
