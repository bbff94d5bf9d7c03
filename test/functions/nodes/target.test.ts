import { describe, expect, test } from 'vitest';
import { InvalidTarget } from '../../../core/errors.ts';
import { criteriaOf, meets } from '../../../functions/nodes/target.ts';

describe('criteriaOf', () => {
  test('joins values of one key, and reads InstanceIds in any case', () => {
    expect(
      criteriaOf([
        { Key: 'instanceids', Values: ['mi-1'] },
        { Key: 'InstanceIds', Values: ['mi-2', 'mi-1'] },
        { Key: 'tag:Env', Values: ['prod'] },
        { Key: 'tag:env', Values: ['test'] },
        { Key: 'tag-key', Values: ['Team'] },
      ]),
    ).toEqual([
      { by: 'id', ids: ['mi-1', 'mi-2'] },
      { by: 'tag', key: 'Env', values: ['prod'] },
      { by: 'tag', key: 'env', values: ['test'] },
      { by: 'tag-key', keys: ['Team'] },
    ]);
    expect(criteriaOf([{ Key: 'INSTANCEIDS', Values: ['mi-1', '*'] }])).toEqual([{ by: 'everything' }]);
  });

  test.each([
    ['an unknown key', { Key: 'Name', Values: ['x'] }],
    ['a tag without a key', { Key: 'tag:', Values: ['x'] }],
    ['no values', { Key: 'tag:Env', Values: [] }],
    ['resource groups', { Key: 'resource-groups:Name', Values: ['x'] }],
    ['no key', { Values: ['x'] }],
  ])('refuses %s', (_what, target) => {
    expect(() => criteriaOf([target])).toThrow(InvalidTarget);
  });
});

test('a node meets all criteria or does not', () => {
  const node = { id: 'mi-1', tags: { Env: 'prod', empty: '' } };
  expect(meets(node, criteriaOf([{ Key: 'tag:Env', Values: ['test', 'prod'] }, { Key: 'tag-key', Values: ['empty'] }]))).toBe(true);
  expect(meets(node, criteriaOf([{ Key: 'tag:empty', Values: [''] }]))).toBe(true);
  expect(meets(node, criteriaOf([{ Key: 'tag:Env', Values: ['PROD'] }]))).toBe(false);
  expect(meets(node, criteriaOf([{ Key: 'tag:constructor', Values: [''] }]))).toBe(false);
  expect(meets(node, criteriaOf([{ Key: 'InstanceIds', Values: ['mi-1'] }, { Key: 'tag:Env', Values: ['test'] }]))).toBe(false);
});
