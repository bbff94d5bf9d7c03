/** Members of queries, over kinds of the test's own. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Context } from '../../../../core/context.ts';
import { oneShard, writeTags, type TagIndex, type TaggableKind } from '../../../../functions/tags/index.ts';
import {
  findMembers,
  memberTypesOf,
  queryErrors,
  type MemberPosition,
} from '../../../../functions/tags/resource-groups/find-members.ts';
import type { TagQuery } from '../../../../functions/tags/resource-groups/resource-query.ts';
import { testContext } from '../../../support/context.ts';

const byFirstLetter: TagIndex = { shards: ['a', 'b'], shardOf: (id) => id[0] ?? 'a' };
const kindOf = (
  resourceType: string,
  index: TagIndex,
  types: readonly { type: string; idPrefix?: string }[],
): TaggableKind => ({
  resourceType,
  index,
  groupTypes: types.map((type) => ({ ...type, arnOf: (id) => `arn:${type.type}/${id}` })),
  rowOf: async () => undefined,
});
const sharded = kindOf('Sharded', byFirstLetter, [{ type: 'AWS::Z::Whole' }, { type: 'AWS::M::Part', idPrefix: 'b' }]);
const plain = kindOf('Plain', oneShard, [{ type: 'AWS::P::Plain' }]);
const types = memberTypesOf([sharded, plain, { resourceType: 'Untold', rowOf: async () => undefined }]);

const put = (
  context: Context,
  { resourceType, index }: TaggableKind,
  resourceId: string,
  tags: Readonly<Record<string, string>>,
): Promise<void> => context.state.transact(writeTags({ resourceType, resourceId, index: index! }, tags));

async function allPages(context: Context, query: TagQuery, limit: number): Promise<string[]> {
  const found: string[] = [];
  let after: MemberPosition | undefined;
  do {
    const page = await findMembers(context, types, query, { after, limit });
    expect(page.members.length).toBeLessThanOrEqual(limit);
    found.push(...page.members.map(({ ResourceArn }) => ResourceArn!));
    after = page.next;
  } while (after !== undefined);
  return found;
}

test('pages of any size are all members, by type and id, each once', async () => {
  const tags = fc.dictionary(fc.constantFrom('k', 'l'), fc.constantFrom('1', '2'), { maxKeys: 2 });
  const resources = fc.dictionary(fc.constantFrom('a1', 'a2', 'a3', 'b1', 'b2', 'b3'), tags);
  const filters = fc.array(fc.record({ key: fc.constantFrom('k', 'l'), values: fc.subarray(['1', '2', '3']) }), {
    minLength: 1,
    maxLength: 2,
  });
  const wanted = fc.option(fc.subarray(['AWS::Z::Whole', 'AWS::M::Part', 'AWS::P::Plain', 'AWS::S3::Bucket']), {
    nil: undefined,
  });
  await fc.assert(
    fc.asyncProperty(
      resources,
      resources,
      filters,
      wanted,
      fc.integer({ min: 1, max: 5 }),
      async (some, others, all, of, limit) => {
        const fixture = testContext();
        const { context } = fixture;
        try {
          for (const [kind, ids] of [
            [sharded, some],
            [plain, others],
          ] as const)
            for (const [id, given] of Object.entries(ids))
              if (Object.keys(given).length > 0) await put(context, kind, id, given);
          const meets = (given: Readonly<Record<string, string>>) =>
            all.every(
              ({ key, values }) => Object.hasOwn(given, key) && (values.length === 0 || values.includes(given[key]!)),
            );
          const membersOf = (type: string, ids: typeof some) =>
            of?.includes(type) === false
              ? []
              : Object.keys(ids)
                  .filter((id) => meets(ids[id]!))
                  .sort()
                  .map((id) => `arn:${type}/${id}`);
          const expected = [
            ...membersOf('AWS::M::Part', some).filter((arn) => arn.includes('/b')),
            ...membersOf('AWS::P::Plain', others),
            ...membersOf('AWS::Z::Whole', some),
          ];
          expect(await allPages(context, { ...(of === undefined ? {} : { types: of }), filters: all }, limit)).toEqual(
            expected,
          );
        } finally {
          await fixture.close();
        }
      },
    ),
    { numRuns: 40 },
  );
});

test('a tag that was just given counts at once, though indexes come late', async () => {
  const fixture = testContext();
  const { context, state } = fixture;
  try {
    state.holdIndexes();
    await put(context, plain, 'x', { k: '1' });
    expect(await allPages(context, { filters: [{ key: 'k', values: ['1'] }] }, 5)).toEqual(['arn:AWS::P::Plain/x']);
    expect(await allPages(context, { filters: [{ key: 'k', values: [] }] }, 5)).toEqual([]);
    state.releaseIndexes();
    expect(await allPages(context, { filters: [{ key: 'k', values: [] }] }, 5)).toEqual(['arn:AWS::P::Plain/x']);
  } finally {
    await fixture.close();
  }
});

test('types that nothing is of are told', () => {
  expect(queryErrors(types, { filters: [] })).toEqual([]);
  expect(queryErrors(types, { types: ['AWS::P::Plain', 'AWS::S3::Bucket'], filters: [] })).toMatchObject([
    { ErrorCode: 'RESOURCE_TYPE_NOT_SUPPORTED', Message: expect.stringContaining('AWS::S3::Bucket') as string },
  ]);
});
