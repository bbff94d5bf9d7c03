/** JSON and YAML, either way. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { convertContent, formatYaml, parseContent } from '../../../../functions/change-management/documents/content.ts';

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
