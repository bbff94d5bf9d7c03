import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matchesWildcard, readWildcard } from '../../../core/patterns/index.ts';

const matches = (pattern: string, text: string, options = {}) => matchesWildcard(readWildcard(pattern, options), text);

test.each([
  ['linux-*', 'linux-image', true],
  ['linux-*', 'alinux-', false],
  ['*', '', true],
  ['', '', true],
  ['', 'a', false],
  ['a**b', 'ab', true],
  ['a*b*c', 'a-b-b-c', true],
  ['aba*aba', 'aba', false],
  ['*aab*', 'aaab', true],
])('%s, %s: %s', (pattern, text, expected) => expect(matches(pattern, text)).toBe(expected));

test('escapes and question marks only where they are asked for', () => {
  expect(matches('a\\*', 'a*', { escapes: true })).toBe(true);
  expect(matches('a\\*', 'ab', { escapes: true })).toBe(false);
  expect(matches('a\\\\*', 'a\\b', { escapes: true })).toBe(true);
  expect(matches('a\\*', 'a\\b')).toBe(true);
  expect(matches('a?*?', 'abc', { question: true })).toBe(true);
  expect(matches('a?', 'ab')).toBe(false);
});

test('it agrees with a regular expression', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 12 });
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 8 });
  fc.assert(
    fc.property(pattern, text, (given, subject) => {
      const expression = new RegExp(`^${given.replaceAll('*', '.*').replaceAll('?', '.')}$`);
      expect(matches(given, subject, { question: true })).toBe(expression.test(subject));
    }),
    { numRuns: 2_000 },
  );
});

test('a text of 256 KB that nearly fits a pattern made for it is soon judged', () => {
  // As a regular expression it would take longer than anybody can wait.
  expect(matches(`${'*a'.repeat(50)}*aab`, 'a'.repeat(256 * 1024))).toBe(false);
  expect(matches(`*${'a'.repeat(1_000)}b*`, 'a'.repeat(256 * 1024))).toBe(false);
});
