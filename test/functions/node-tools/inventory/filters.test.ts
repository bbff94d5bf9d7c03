import { expect, test } from 'vitest';
import { entryFilter, fits, fleetFilter } from '../../../../functions/node-tools/inventory/filters.ts';

test('a key names a type and an attribute', () => {
  expect(fleetFilter({ Key: 'AWS:Application.Name', Values: ['a'] })).toEqual({
    typeName: 'AWS:Application',
    attribute: 'Name',
    operator: 'Equal',
    values: ['a'],
  });
  expect(fleetFilter({ Key: 'Custom:Rack.v2.Row', Values: ['a'], Type: 'BeginWith' })).toMatchObject({
    typeName: 'Custom:Rack.v2',
    attribute: 'Row',
    operator: 'BeginWith',
  });
});

test.each([
  'AWS:Application',
  'Application.Name',
  'AWS:Application.Colour',
  'AWS:Nothing.Name',
  'Name',
  '',
  '.',
  'AWS:.Name',
  'AWS:ResourceGroup.Name',
])('the key %j is refused', (Key) => {
  expect(() => fleetFilter({ Key, Values: ['a'] })).toThrow(expect.objectContaining({ code: 'InvalidFilter' }));
});

test('Exists belongs to aggregators', () => {
  expect(() => fleetFilter({ Key: 'AWS:Application.Name', Values: ['true'], Type: 'Exists' })).toThrow(
    expect.objectContaining({ code: 'InvalidFilter' }),
  );
  expect(() => entryFilter('AWS:Application', { Key: 'Colour', Values: ['a'] })).toThrow(
    expect.objectContaining({ code: 'InvalidFilter' }),
  );
});

test.each([
  ['Equal', ['b', 'a'], 'a', true],
  ['Equal', ['A'], 'a', false],
  ['NotEqual', ['b', 'a'], 'a', false],
  ['NotEqual', ['b'], 'a', true],
  ['BeginWith', ['x', 'ng'], 'nginx', true],
  ['BeginWith', ['inx'], 'nginx', false],
  ['LessThan', ['10'], '9', true],
  ['LessThan', ['10'], '10', false],
  ['GreaterThan', ['9.5'], '10', true],
  ['GreaterThan', ['2026-01-05T09:00:00Z'], '2026-01-05T10:00:00Z', true],
  ['LessThan', ['b'], 'a', true],
] as const)('%s %j against %s: %s', (operator, values, actual, expected) => {
  expect(fits({ Name: actual }, { typeName: 'AWS:Application', attribute: 'Name', operator, values })).toBe(expected);
});

test.each(['Equal', 'NotEqual', 'BeginWith', 'LessThan', 'GreaterThan'] as const)(
  'an entry without the attribute does not fit %s',
  (operator) => {
    expect(fits({ Version: '1' }, { typeName: 'AWS:Application', attribute: 'Name', operator, values: ['a'] })).toBe(
      false,
    );
  },
);
