/** Patterns in Java's and Go's syntax, as V8 runs them. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { patternFault } from '../../../core/patterns/index.ts';
import { translate } from '../../../core/patterns/translate.ts';

const matches = (pattern: string, text: string) => {
  const { source, flags } = translate(pattern);
  return new RegExp(source, flags).test(text);
};

describe('translate', () => {
  test.each<[string, string, boolean]>([
    ['(?i)\\Aabc\\z', 'ABC', true],
    ['\\Aabc\\z', 'abc\n', false],
    ['^\\p{Alnum}+$', 'aZ9', true],
    ['^\\p{Alpha}+$', 'é', false],
    ['^\\P{Alpha}+$', '12', true],
    ['^\\p{L}+$', 'é', true],
    ['^\\pL+$', 'é', true],
    ['^[\\p{Punct}\\s]+$', '! ?', true],
    ['^\\s$', '\u00a0', false],
    ['^\\S$', '\u00a0', true],
    ['^[^\\S]$', ' ', true],
    ['^\\h$', '\u00a0', true],
    ['^\\Qa.b\\E$', 'a.b', true],
    ['^\\Qa.b\\E$', 'axb', false],
    ['^\\x41\\x{42}\\u0043$', 'ABC', true],
    ['^\\uD83D\\uDE00$', '😀', true],
    ['^[😀-😂]$', '😁', true],
    ['^[]a]+$', 'a]', true],
    ['^[\\w-.]+$', 'a-.b', true],
    ['^[a-z&]+$', 'a&b', true],
    ['^[+--]$', ',', true],
    ['^a{2}b{1,}c{0,2}$', 'aabcc', true],
    ['^{a}$', '{a}', true],
    ['^\\/\\_\\-\\"$', '/_-"', true],
    ['^(?<year>\\d{4})-\\k<year>$', '2026-2026', true],
    ['^(a|b)\\1$', 'ab', false],
    ['^(?!.*--)[a-z-]+$', 'a--b', false],
    ['(?<=a)b', 'ab', true],
    ['(?s)^.$', '\n', true],
    ['^.$', '\n', false],
    ['(?m)^b$', 'a\nb', true],
    ['^(?i:a)b$', 'Ab', true],
    ['^\\e\\a\\t$', '\x1b\x07\t', true],
    ['', 'anything', true],
  ])('%s, %j: %s', (pattern, text, expected) => expect(matches(pattern, text)).toBe(expected));

  test.each([
    ['(', 'is not a regular expression'],
    ['a)', 'is not a regular expression'],
    ['[a', 'is not a regular expression'],
    ['a++', 'is not a regular expression'],
    ['*', 'is not a regular expression'],
    ['[z-a]', 'is not a regular expression'],
    ['\\p{NoSuchClass}', 'is not a regular expression'],
    ['a'.repeat(1025), 'has more than 1024 characters'],
    ['\\p{L}'.repeat(65), 'has more than 64 sets such as \\w'],
  ])('%s: %s', (pattern, fault) => expect(patternFault(pattern)).toBe(fault));

  test('what Java, Go and V8 write alike means the same as in V8', () => {
    fc.assert(
      fc.property(sharedPattern, fc.string({ unit: fc.constantFrom(...'abc01-_. \n') }), (pattern, text) => {
        fc.pre(patternFault(pattern) === undefined);
        expect(matches(pattern, text)).toBe(new RegExp(pattern, 'u').test(text));
      }),
      { numRuns: 2_000 },
    );
  });

  test('any text is a pattern or refused, and nothing else', () => {
    const unit = fc.constantFrom(...'\\[](){}^$|*+?.,:=!<>-&pPdDsSwWbBAzZQExu041Lk', 'é', '😀', '\ud800');
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 30 }), (pattern) => {
        const fault = patternFault(pattern);
        if (fault === undefined) matches(pattern, 'a1');
      }),
      { numRuns: 5_000 },
    );
  });
});

/** Of what is the same in all three. */
const sharedPattern: fc.Arbitrary<string> = fc.letrec<{ pattern: string; part: string; atom: string }>((tie) => ({
  pattern: fc
    .array(fc.array(tie('part'), { maxLength: 3 }), { minLength: 1, maxLength: 2 })
    .map((alternatives) => alternatives.map((parts) => parts.join('')).join('|')),
  part: fc
    .tuple(tie('atom'), fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{1,}', '{0,3}', '+?'))
    .map((pair) => pair.join('')),
  atom: fc.oneof(
    { depthSize: 'xsmall', withCrossShrink: true },
    fc.constantFrom(
      'a',
      'b',
      '0',
      '-',
      '_',
      ' ',
      '\\.',
      '.',
      '\\d',
      '\\D',
      '\\w',
      '\\W',
      '\\n',
      '[abc]',
      '[^a-c]',
      '[\\d_]',
      '[\\w.-]',
      '[a-c0-9]',
      '(?:^)',
      '(?:$)',
      '(?:\\b)',
    ),
    tie('pattern').map((inner) => `(${inner})`),
    tie('pattern').map((inner) => `(?:${inner})`),
    tie('pattern').map((inner) => `(?:(?=${inner}))`),
    tie('pattern').map((inner) => `(?:(?!${inner}))`),
  ),
})).pattern;
