/** JSON and YAML, either way. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import {
  convertContent,
  formatYaml,
  lineOf,
  parseContent,
} from '../../../../functions/change-management/documents/content.ts';
import { indentQuotedTexts } from '../../../../functions/change-management/documents/quoted-texts.ts';

const texts = fc.oneof(
  fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed()),
  fc.constantFrom(
    'yes',
    'no',
    'on',
    '2.2',
    '0755',
    '~',
    'null',
    '#!/bin/sh',
    'a: b',
    '- x',
    '{{ commands }}',
    'line\n  two\n',
    ' leading',
    'trailing \n\n',
    '\ttab',
    '"',
    "'",
    '&a',
    '*a',
    '!t',
    '%',
    '@',
    '`',
    '2026-01-05',
    '1e3',
    '<<',
  ),
);
const contents = fc.dictionary(
  texts.filter((name) => name !== '__proto__' && name !== 'schemaVersion'),
  fc.letrec((tie) => ({
    node: fc.oneof(
      { maxDepth: 3 },
      texts,
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('node'), { maxLength: 4 }),
      fc.dictionary(
        texts.filter((name) => name !== '__proto__'),
        tie('node'),
        { maxKeys: 4 },
      ),
    ),
  })).node,
  { maxKeys: 5 },
);

test('what goes from JSON to YAML and back is the same', () => {
  fc.assert(
    fc.property(contents, (content) => {
      const json = JSON.stringify(content);
      const yaml = convertContent(json, 'JSON', 'YAML');
      expect(JSON.parse(convertContent(yaml, 'YAML', 'JSON'))).toEqual(JSON.parse(json));
    }),
    { numRuns: 500 },
  );
});

test('the YAML that goes out says the same to readers of YAML 1.1', () => {
  const content = { a: ['yes', 'no', 'on', 'off', 'y', '0o17', '017', '1:30', '2026-01-05', '1_000'] };
  expect(parse(formatYaml(content), { version: '1.1' })).toEqual(content);
});

test('a text in its own format stays as it was sent', () => {
  const text = '# a comment\nschemaVersion:   "2.2"\n';
  expect(convertContent(text, 'YAML', 'YAML')).toBe(text);
});

test('the order of keys stays', () => {
  expect(Object.keys(parseContent('z: 1\na: 2\nm: 3\n', 'YAML'))).toEqual(['z', 'a', 'm']);
});

/** What PyYAML reads in the same texts. */
test.each([
  [
    "list:\n    - 'if true; then\n  echo hi\n\n      fi'\n    - next\n",
    { list: ['if true; then echo hi\nfi', 'next'] },
  ],
  [
    "list:\n    - 'if true; then\necho hi''s\nfi' # end\nafter: 1\n",
    { list: ["if true; then echo hi's fi"], after: 1 },
  ],
  ['a:\n  b: "one\n two\\\n three\\n"\n  c: 2\n', { a: { b: 'one twothree\n', c: 2 } }],
  ["a:\r\n  b: 'one\r\ntwo'\r\n", { a: { b: 'one two' } }],
  ['a: {b: \'one\ntwo\', c: ["x\ny"]}\n', { a: { b: 'one two', c: ['x y'] } }],
  ["a: |\n  it's\n  text\nb:\n  - 'one\ntwo'\n", { a: "it's\ntext\n", b: ['one two'] }],
])('a quoted text goes on in lines that are indented less: %j', (text, content) => {
  expect(parseContent(text, 'YAML')).toEqual(content);
});

test('a quoted text that never ends is refused, and lines keep their numbers', () => {
  expect(() => parseContent("a:\n  - 'one\ntwo\nb: 1\n", 'YAML')).toThrow(/The document is not YAML: line \d, column/);
  expect(() => parseContent("a:\n  - 'one\n---\ntwo'\n", 'YAML')).toThrow(/The document is not YAML/);
  const text = "a:\n    - 'one\n  two'\n    - x\nb: 1\n";
  expect([lineOf(text, ['a', 0]), lineOf(text, ['a', 1]), lineOf(text, ['b'])]).toEqual([2, 4, 5]);
});

test('quoted texts mean the same, however their lines are indented', () => {
  const line = fc.string({ unit: fc.constantFrom(...'ab {}[]:#,-'), minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(line, fc.nat({ max: 6 })), { minLength: 1, maxLength: 5 }),
      fc.nat({ max: 4 }),
      (lines, depth) => {
        const quoted = (indent: (chosen: number) => number) =>
          `top:\n${' '.repeat(depth)}- 'x\n${lines.map(([one, chosen]) => `${' '.repeat(indent(chosen))}a${one}a`).join('\n')}'\n`;
        const deep = parseContent(
          quoted((chosen) => 8 + chosen),
          'YAML',
        );
        expect(
          parseContent(
            quoted((chosen) => chosen),
            'YAML',
          ),
        ).toEqual(deep);
      },
    ),
  );
});

test('a small text stays small', () => {
  const text = `a: ${' '.repeat(5000)}'${'\nx'.repeat(20_000)}`;
  expect(indentQuotedTexts(text)).toBe(text);
});
