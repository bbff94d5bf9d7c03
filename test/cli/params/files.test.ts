import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareTrees } from '../../../cli/params/compare.ts';
import { formatOf, readTree, withTypes, writeTree } from '../../../cli/params/files.ts';
import { sorted, type Entry } from '../../../cli/params/tree.ts';
import { storedEntry, treeOf } from './trees.ts';

describe.each(['json', 'yaml'] as const)('%s', (format) => {
  test('every tree comes back as it was, but for what AWS takes for granted', () => {
    fc.assert(
      fc.property(treeOf(storedEntry), (tree) => {
        const read = readTree(writeTree(tree, format), format);
        expect([...read.keys()]).toEqual([...tree.keys()]);
        for (const [name, entry] of tree)
          expect({
            Description: '',
            DataType: 'text',
            AllowedPattern: '',
            Tier: 'Standard',
            Policies: '[]',
            ...read.get(name),
          }).toEqual(entry);
        expect(compareTrees(tree, read)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  test('a secret whose value is not told has none in it', () => {
    const text = writeTree(
      sorted([
        ['token', { Type: 'SecureString', Value: undefined, KeyId: 'alias/mine' }],
        ['host', { Type: 'String', Value: 'db' }],
      ]),
      format,
    );
    expect(Object.fromEntries(readTree(text, format))).toEqual({
      host: { Type: 'String', Value: 'db' },
      token: { Type: 'SecureString', KeyId: 'alias/mine' },
    });
  });
});

test('names that are others’ beginnings stand beside each other, in order', () => {
  const tree = sorted([
    ['a/b/c', { Value: '3' }],
    ['a', { Value: '1' }],
    ['a/b', { Value: '2' }],
    ['Z', { Value: '0' }],
  ] as [string, Entry][]);
  expect(writeTree(tree, 'json')).toBe(
    '{\n  "Z": {\n    "Value": "0"\n  },\n  "a": {\n    "Value": "1"\n  },\n  "a/b": {\n    "Value": "2"\n  },\n  "a/b/c": {\n    "Value": "3"\n  }\n}\n',
  );
});

test('what a reader of YAML 1.1 takes for something else is in quotes', () => {
  expect(
    writeTree(
      sorted(['no', 'on', 'y', '012', '1_000', '2001-01-01', 'plain'].map((Value, at) => [`n${at}`, { Value }])),
      'yaml',
    )
      .split('\n')
      .filter((line) => line.includes('Value')),
  ).toEqual(['"no"', '"on"', '"y"', '"012"', '"1_000"', '"2001-01-01"', 'plain'].map((text) => `  Value: ${text}`));
});

test('a file may be written by hand', () => {
  const yaml = [
    'port: 5432',
    'country: no',
    'version: 1.10',
    'zip: 007',
    'empty: ""',
    'list: { Type: StringList, Value: "a,b" }',
    'key: |',
    '  line',
    '  next',
  ].join('\n');
  expect(Object.fromEntries(readTree(yaml, 'yaml'))).toEqual({
    port: { Value: '5432' },
    country: { Value: 'no' },
    version: { Value: '1.10' },
    zip: { Value: '007' },
    empty: { Value: '' },
    list: { Type: 'StringList', Value: 'a,b' },
    key: { Value: 'line\nnext\n' },
  });
  expect(Object.fromEntries(readTree('{"a/b": "x"}', 'json'))).toEqual({ 'a/b': { Value: 'x' } });
  const target = sorted([['B', { Type: 'StringList', Value: '1' }]]);
  expect(Object.fromEntries(withTypes(readTree('A=1\nB=2', 'dotenv'), target, 'SecureString'))).toEqual({
    A: { Type: 'SecureString', Value: '1' },
    B: { Type: 'StringList', Value: '2' },
  });
});

test.each([
  ['json', '{"a": 1}', 'a must be a text in quotes'],
  ['json', '[]', 'a file of parameters is an object'],
  ['json', '{', 'this is no JSON'],
  ['yaml', 'a: 1\na: 2', 'this is no YAML'],
  ['yaml', 'a: [1]', 'a must be a text in quotes'],
  ['json', '{"a": {"b": "x"}}', 'written with slashes: a/b'],
  ['json', '{"a": {"Value": 1}}', 'Value of a must be a text in quotes'],
  ['json', '{"a": {"Type": "Secret"}}', 'Type of a is none of String, StringList, SecureString'],
  ['json', '{"/a": "x"}', '"/a" is no name below a path'],
  ['json', '{"a//b": "x"}', '"a//b" is no name below a path'],
  ['json', '{"": "x"}', '"" is no name below a path'],
] as const)('%s that is none is refused, and it is said why: %s', (format, text, message) => {
  expect(() => readTree(text, format)).toThrow(message);
});

describe('dotenv', () => {
  test('has names and values; what is not shown is said', () => {
    const tree = sorted([
      ['db/host', { Type: 'String', Value: 'a b' }],
      ['db/password', { Type: 'SecureString' }],
    ]);
    expect(writeTree(tree, 'dotenv')).toBe("# db_password is a SecureString whose value is not shown\ndb_host='a b'\n");
  });

  test('has no two parameters in one variable', () => {
    expect(() =>
      writeTree(
        sorted([
          ['a/b', { Value: '1' }],
          ['a_b', { Value: '2' }],
        ]),
        'dotenv',
      ),
    ).toThrow('a/b and a_b would both be a_b');
  });
});

test('the format is in the name', () => {
  expect(['x.json', 'x.yaml', '/a/x.yml', '.env', 'prod.env', '.env.prod'].map(formatOf)).toEqual([
    'json',
    'yaml',
    'yaml',
    'dotenv',
    'dotenv',
    'dotenv',
  ]);
  expect(() => formatOf('x.txt')).toThrow('--format');
});
