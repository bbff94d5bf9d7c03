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

  test('reads a group’s name, and which nodes are of a resource type', () => {
    expect(criteriaOf([{ Key: 'resource-groups:Name', Values: ['web', 'web'] }])).toEqual([
      { by: 'group', name: 'web' },
    ]);
    const ofTypes = (...Values: string[]) => criteriaOf([{ Key: 'resource-groups:ResourceTypeFilters', Values }]);
    expect(ofTypes('AWS::SSM::ManagedInstance', 'AWS::EC2::Instance')).toEqual([{ by: 'everything' }]);
    expect(ofTypes('AWS::AllSupported')).toEqual([{ by: 'everything' }]);
    expect(ofTypes('AWS::EC2::INSTANCE', 'AWS::EC2::VPC')).toEqual([{ by: 'id-prefix', prefix: 'i-' }]);
    expect(ofTypes('AWS::EC2::VPC')).toEqual([{ by: 'id', ids: [] }]);
  });

  test.each([
    ['an unknown key', { Key: 'Name', Values: ['x'] }],
    ['a tag without a key', { Key: 'tag:', Values: ['x'] }],
    ['no values', { Key: 'tag:Env', Values: [] }],
    ['two resource groups', { Key: 'resource-groups:Name', Values: ['x', 'y'] }],
    [
      'six resource types',
      {
        Key: 'resource-groups:ResourceTypeFilters',
        Values: ['AWS::A::A', 'AWS::A::B', 'AWS::A::C', 'AWS::A::D', 'AWS::A::E', 'AWS::A::F'],
      },
    ],
    ['another key of resource groups', { Key: 'resource-groups:Owner', Values: ['x'] }],
    ['no key', { Values: ['x'] }],
  ])('refuses %s', (_what, target) => {
    expect(() => criteriaOf([target])).toThrow(InvalidTarget);
  });
});

test('a node meets all criteria or does not', () => {
  const node = { id: 'mi-1', tags: { Env: 'prod', empty: '' } };
  expect(
    meets(node, [
      { by: 'tag', key: 'Env', values: ['test', 'prod'] },
      { by: 'tag-key', keys: ['empty'] },
    ]),
  ).toBe(true);
  expect(meets(node, [{ by: 'tag', key: 'empty', values: [''] }])).toBe(true);
  expect(meets(node, [{ by: 'tag', key: 'Env', values: ['PROD'] }])).toBe(false);
  expect(meets(node, [{ by: 'tag', key: 'constructor', values: [''] }])).toBe(false);
  expect(
    meets(node, [
      { by: 'id', ids: ['mi-1'] },
      { by: 'tag', key: 'Env', values: ['test'] },
    ]),
  ).toBe(false);
  expect(meets(node, [{ by: 'id-prefix', prefix: 'i-' }])).toBe(false);
  expect(meets({ ...node, id: 'i-1' }, [{ by: 'id-prefix', prefix: 'i-' }])).toBe(true);
});
