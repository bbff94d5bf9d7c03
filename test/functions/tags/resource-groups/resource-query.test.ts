/** Queries of resource groups, without any state. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BadRequestException } from '../../../../functions/tags/resource-groups/errors.ts';
import { checkQuery, parseQuery } from '../../../../functions/tags/resource-groups/resource-query.ts';

const stage = { Key: 'Stage', Values: ['Test', 'Beta'] };

describe('a query', () => {
  test.each([
    [
      'of every type',
      { ResourceTypeFilters: ['AWS::AllSupported'], TagFilters: [stage] },
      { filters: [{ key: 'Stage', values: ['Test', 'Beta'] }] },
    ],
    ['without types', { TagFilters: [{ Key: 'Storage' }] }, { filters: [{ key: 'Storage', values: [] }] }],
    [
      'of every type, whatever else is named',
      { ResourceTypeFilters: ['AWS::S3::Bucket', 'AWS::AllSupported'], TagFilters: [stage] },
      { filters: [{ key: 'Stage', values: ['Test', 'Beta'] }] },
    ],
    [
      'of two types, one of them twice',
      {
        ResourceTypeFilters: ['AWS::SSM::Document', 'AWS::SSM::ManagedInstance', 'AWS::SSM::Document'],
        TagFilters: [stage, { Key: 'Storage', Values: [] }],
      },
      {
        types: ['AWS::SSM::Document', 'AWS::SSM::ManagedInstance'],
        filters: [
          { key: 'Stage', values: ['Test', 'Beta'] },
          { key: 'Storage', values: [] },
        ],
      },
    ],
  ])('%s', (_name, query, parsed) => {
    expect(parseQuery(JSON.stringify(query))).toEqual(parsed);
  });

  test.each([
    ['no JSON', '{"TagFilters":[{"Key":"a"}],}', /check JSON syntax/],
    ['a list', '[]', /must be an object/],
    ['null', 'null', /must be an object/],
    ['no tags', '{}', /at least one tag key/],
    ['an empty list of tags', '{"TagFilters":[]}', /at least one tag key/],
    ['tags that are no list', '{"TagFilters":{"Key":"a"}}', /at least one tag key/],
    [
      '51 tags',
      JSON.stringify({ TagFilters: Array.from({ length: 51 }, (_, number) => ({ Key: `k${number}` })) }),
      /at most 50/,
    ],
    ['a misspelt member', '{"TagFilter":[],"TagFilters":[{"Key":"a"}]}', /TagFilter is not part/],
    ['a member of a stack query', '{"StackIdentifier":"x","TagFilters":[{"Key":"a"}]}', /StackIdentifier is not part/],
    ['a filter without a key', '{"TagFilters":[{"Values":["a"]}]}', /Key of a tag filter/],
    ['a filter with an empty key', '{"TagFilters":[{"Key":""}]}', /Key of a tag filter/],
    ['a filter that is a text', '{"TagFilters":["a"]}', /must be an object/],
    ['a misspelt member of a filter', '{"TagFilters":[{"Key":"a","Value":"b"}]}', /Value is not part/],
    ['a value that is a number', '{"TagFilters":[{"Key":"a","Values":[1]}]}', /Values of a tag filter/],
    [
      '21 values',
      JSON.stringify({ TagFilters: [{ Key: 'a', Values: Array.from({ length: 21 }, String) }] }),
      /Values of a tag filter/,
    ],
    [
      'a value of 257 characters',
      JSON.stringify({ TagFilters: [{ Key: 'a', Values: ['x'.repeat(257)] }] }),
      /Values of a tag filter/,
    ],
    ['no type at all', '{"ResourceTypeFilters":[],"TagFilters":[{"Key":"a"}]}', /list of resource types/],
    [
      'types that are a text',
      '{"ResourceTypeFilters":"AWS::AllSupported","TagFilters":[{"Key":"a"}]}',
      /list of resource types/,
    ],
    ['a type of none', '{"ResourceTypeFilters":["EC2"],"TagFilters":[{"Key":"a"}]}', /EC2 is not a resource type/],
    [
      '__proto__ for a member',
      '{"__proto__":{"TagFilters":[{"Key":"a"}]}}',
      /__proto__ is not part|at least one tag key/,
    ],
  ])('is refused with %s', (_name, text, message) => {
    expect(() => parseQuery(text)).toThrow(
      expect.objectContaining({
        code: 'BadRequestException',
        message: expect.stringMatching(message) as string,
      }) as Error,
    );
  });

  test('of stacks is refused: there are none', () => {
    expect(() =>
      checkQuery({
        Type: 'CLOUDFORMATION_STACK_1_0',
        Query: '{"StackIdentifier":"arn:aws:cloudformation:us-east-1:123456789012:stack/x"}',
      }),
    ).toThrow(BadRequestException);
  });

  test('of whatever JSON is read or refused as the caller’s fault', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          fc.string(),
          fc
            .record({
              ResourceTypeFilters: fc.jsonValue(),
              TagFilters: fc.array(
                fc.oneof(fc.jsonValue(), fc.record({ Key: fc.jsonValue(), Values: fc.jsonValue() })),
              ),
            })
            .map((value) => JSON.stringify(value)),
        ),
        (text) => {
          try {
            expect(parseQuery(text).filters.length).toBeGreaterThan(0);
          } catch (error) {
            expect(error).toBeInstanceOf(BadRequestException);
          }
        },
      ),
    );
  });
});
