import { execFileSync } from 'node:child_process';
import { parseEnv } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readDotenv, variableOf, writeDotenv } from '../../../cli/params/dotenv.ts';

const variable = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,20}$/);
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({
    unit: fc.constantFrom(
      "'",
      '"',
      '`',
      '\\',
      '$',
      '#',
      '=',
      ' ',
      '\t',
      '\n',
      '\r',
      'a',
      'n',
      '\u2028',
      '\u00a0',
      '\uFEFF',
      '\0',
    ),
    maxLength: 12,
  }),
);

describe('what is written is read', () => {
  test('every value of Unicode', () => {
    fc.assert(
      fc.property(fc.dictionary(variable, anyText, { noNullPrototype: true }), (variables) => {
        const pairs = Object.entries(variables);
        expect([...readDotenv(writeDotenv(pairs, ['a comment']))]).toEqual(pairs);
      }),
      { numRuns: 1000 },
    );
  });

  // POSIX shells know no NUL.
  test('by a shell too', () => {
    const pairs = fc.sample(
      fc.tuple(
        variable.map((name) => `X_${name}`),
        anyText.filter((text) => !/[\0\r]/.test(text)),
      ),
      { numRuns: 200, seed: 7 },
    );
    const values = pairs.map(([, value], index) => [`X_${index}`, value] as const);
    const out = execFileSync('sh', [
      '-c',
      `${writeDotenv(values)}\n${values.map(([name]) => `printf '%s\\0' "$${name}"`).join('\n')}`,
    ]);
    expect(out.toString().split('\0').slice(0, -1)).toEqual(values.map(([, value]) => value));
  });

  // It knows no escaped quote, dollar or carriage return.
  test('by Node too, where nothing must be escaped', () => {
    fc.assert(
      fc.property(
        variable,
        anyText.filter((text) => !/[\r\0]|\\$|'[^]*["\\$`]|["\\$`][^]*'/.test(text)),
        (name, value) => {
          expect(parseEnv(writeDotenv([[name, value]]))).toEqual({ [name]: value });
        },
      ),
      { numRuns: 500 },
    );
  });
});

test('what others write is read', () => {
  const text = [
    '# of the team',
    '',
    'PLAIN=value # a comment',
    'URL=https://example.com/#there',
    '  export  SPACED = some words  ',
    "SINGLE='as it $stands \\n' # a comment",
    'DOUBLE="line\\nnext \\"quoted\\" \\$HOME \\q"',
    'BACK=`it\'s "both"`',
    'MANY="one',
    '# two',
    'three"',
    'EMPTY=',
    'WINDOWS=yes\r',
    'dotted.name-x=1',
  ].join('\n');
  expect(Object.fromEntries(readDotenv(text))).toEqual({
    PLAIN: 'value',
    URL: 'https://example.com/#there',
    SPACED: 'some words',
    SINGLE: 'as it $stands \\n',
    DOUBLE: 'line\nnext "quoted" $HOME \\q',
    BACK: 'it\'s "both"',
    MANY: 'one\n# two\nthree',
    EMPTY: '',
    WINDOWS: 'yes',
    'dotted.name-x': '1',
  });
});

test.each([
  ['A=1\nno assignment', 'line 2 is no NAME=value'],
  ['A=1\nB="x\ny', 'line 2: the quote is not closed'],
  ['M="1\n2\n3"\nA=\'x\' y', 'line 4: there is more behind the closing quote'],
  ['A=1\n\nA=2', 'line 3: A was set before'],
  ['1A=2', 'line 1: 1A is no variable’s name'.replace('’', "'")],
])('names the line of what it cannot read: %j', (text, message) => {
  expect(() => readDotenv(text)).toThrow(message);
});

test('a name becomes a variable’s; one that is a variable’s already stays', () => {
  expect(['db/host', 'db.host-name', '2nd', 'DB_HOST', 'db_host'].map(variableOf)).toEqual([
    'db_host',
    'db_host_name',
    '_2nd',
    'DB_HOST',
    'db_host',
  ]);
  fc.assert(fc.property(variable, (name) => variableOf(name) === name));
});
