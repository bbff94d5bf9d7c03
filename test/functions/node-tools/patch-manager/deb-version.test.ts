import { execFileSync, spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareDebVersions } from '../../../../functions/node-tools/patch-manager/deb-version.ts';

const sign = (number: number): number => Math.sign(number);

test.each([
  ['1.0', '1.0', 0],
  ['1.0', '1.0-0', 0],
  ['1.0', '1.0-1', -1],
  ['0:1.0', '1.0', 0],
  ['1:0.1', '2.0', 1],
  ['1.0~rc1', '1.0', -1],
  ['1.0~~', '1.0~', -1],
  ['1.0-1~bpo12+1', '1.0-1', -1],
  ['7.0001', '7.1', 0],
  ['1.9', '1.10', -1],
  ['1.0a', '1.0+', -1],
  ['1.0', '1.0a', -1],
  ['2.36-9+deb12u10', '2.36-9+deb12u4', 1],
  ['1-2-3', '1-2-4', -1],
  ['99999999999999999999', '99999999999999999998', 1],
])('%s against %s', (a, b, expected) => {
  expect(sign(compareDebVersions(a, b))).toBe(expected);
  expect(sign(compareDebVersions(b, a))).toBe(expected === 0 ? 0 : -expected);
});

const part = fc.string({ unit: fc.constantFrom(...'0019.+~aZ'), minLength: 1, maxLength: 8 });
/** Versions that dpkg takes: the upstream part begins with a digit. */
const version = fc
  .tuple(fc.option(fc.nat({ max: 12 })), fc.nat({ max: 20 }), part, fc.option(part))
  .map(
    ([epoch, first, upstream, revision]) =>
      `${epoch === null ? '' : `${epoch}:`}${first}${upstream}${revision === null ? '' : `-${revision}`}`,
  );

test('it is an order', () => {
  fc.assert(
    fc.property(version, version, version, (a, b, c) => {
      expect(sign(compareDebVersions(a, b))).toBe(-sign(compareDebVersions(b, a)) + 0);
      const [low = '', middle = '', high = ''] = [a, b, c].sort(compareDebVersions);
      expect(compareDebVersions(low, middle)).toBeLessThanOrEqual(0);
      expect(compareDebVersions(low, high)).toBeLessThanOrEqual(0);
    }),
  );
});

describe.runIf(spawnSync('dpkg', ['--version']).status === 0)('as dpkg orders them', () => {
  const dpkgSays = (a: string, operator: string, b: string): boolean =>
    spawnSync('dpkg', ['--compare-versions', a, operator, b]).status === 0;

  test('any two versions', () => {
    fc.assert(
      fc.property(version, version, (a, b) => {
        const ours = compareDebVersions(a, b);
        expect(dpkgSays(a, ours < 0 ? 'lt' : ours > 0 ? 'gt' : 'eq', b), `${a} against ${b}: ${ours}`).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test("this machine's own versions, neighbours in our order", () => {
    const versions = execFileSync('dpkg-query', ['-W', '-f', '${Version}\\n'], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => line !== '');
    const sorted = [...new Set(versions)].sort(compareDebVersions);
    for (const [place, lower] of sorted.slice(0, 200).entries()) {
      const higher = sorted[place + 1];
      if (higher !== undefined) expect(dpkgSays(lower, 'le', higher), `${lower} le ${higher}`).toBe(true);
    }
  });
});
