import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matchesAny } from '../../../../functions/node-tools/patch-manager/name-pattern.ts';

test.each([
  ['openssl', 'openssl', true],
  ['openssl', 'openssl-doc', false],
  ['openssl', 'OpenSSL', false],
  ['linux-*', 'linux-image-amd64', true],
  ['linux-*', 'linux-', true],
  ['*-dev', 'libc6-dev', true],
  ['*-dev', 'libc6-dev-bin', false],
  ['lib*-dev', 'lib-dev', true],
  ['lib*bc', 'libbc', true],
  ['ab*ba', 'aba', false],
  ['*', '', true],
  ['a*b*c', 'axxbyybzc', true],
  ['a*b*c', 'acb', false],
  ['g++', 'g++', true],
  ['g.c', 'gxc', false],
])('%s and %s: %s', (pattern, name, expected) => {
  expect(matchesAny(['zzz', pattern], name)).toBe(expected);
});

test('a star stands for what a regular expression calls .*', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...'ab*'), maxLength: 8 }),
      fc.string({ unit: fc.constantFrom(...'ab'), maxLength: 10 }),
      (pattern, name) => {
        expect(matchesAny([pattern], name)).toBe(new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(name));
      },
    ),
  );
});
