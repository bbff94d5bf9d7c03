import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { storeReferences, substitute, substituteStore } from '../../../core/documents/substitution.ts';

describe('substitute', () => {
  const parameters = {
    text: 'a b',
    list: ['x', 'y'],
    count: 3,
    map: { k: 'v' },
    cash: 'costs $$5',
    tricky: '{{ text }}',
  };

  test.each([
    ['a whole reference becomes the value', '{{ list }}', ['x', 'y']],
    ['blanks do not matter', '{{text}}', 'a b'],
    ['within text, text goes in raw', 'say {{ text }}!', 'say a b!'],
    ['within text, anything else as JSON', 'n={{ count }} l={{ list }}', 'n=3 l=["x","y"]'],
    ['$$ of inserted text becomes $', 'it {{ cash }}', 'it costs $5'],
    ['inserted text is not read again', 'x {{ tricky }}', 'x {{ text }}'],
    ['what is no parameter stays', '{{ unknown }} {{ ssm:name }}', '{{ unknown }} {{ ssm:name }}'],
  ])('%s', (_name, value, expected) => expect(substitute(value, parameters)).toEqual(expected));

  test('a list within a list joins it', () =>
    expect(substitute(['set -e', '{{ list }}', 'end'], parameters)).toEqual(['set -e', 'x', 'y', 'end']));
  test('objects are gone through', () =>
    expect(substitute({ inputs: { runCommand: ['echo {{ text }}'] } }, parameters)).toEqual({
      inputs: { runCommand: ['echo a b'] },
    }));

  test('text without references stays as it is, whatever it holds', () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => !text.includes('{{')),
        (text) => {
          expect(substitute(text, parameters)).toBe(text);
        },
      ),
    );
  });

  test('a value is inserted as it is, save its $$', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        expect(substitute('<{{ v }}>', { v: value })).toBe(`<${value.replaceAll('$$', '$')}>`);
      }),
    );
  });
});

test('references to Parameter Store, with versions and paths, also within inserted values', () => {
  const value = { runCommand: ['echo {{ssm:/app/key}} {{ ssm:name:3 }}', 'none'] };
  expect(storeReferences(value)).toEqual(['/app/key', 'name:3']);
  expect(
    substituteStore(
      value,
      new Map([
        ['/app/key', 'K'],
        ['name:3', 'N'],
      ]),
    ),
  ).toEqual({ runCommand: ['echo K N', 'none'] });
});
