/** Resource groups as targets. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkTargets, nodeMatches, resolveTargets, type Target } from '../../../functions/nodes/index.ts';
import { groupOperations } from '../../../functions/tags/resource-groups/operations.ts';
import { testContext, type TestContext } from '../../support/context.ts';
import { makeNode, nodeIdOf } from './nodes-fixture.ts';

let fixture: TestContext;
beforeEach(() => (fixture = testContext()));
afterEach(() => fixture.close());

const groups = groupOperations([]);
const queryOf = (TagFilters: readonly object[], ResourceTypeFilters: readonly string[] = ['AWS::AllSupported']) => ({
  Type: 'TAG_FILTERS_1_0' as const,
  Query: JSON.stringify({ ResourceTypeFilters, TagFilters }),
});
const make = (Name: string, query: ReturnType<typeof queryOf>) =>
  groups.CreateGroup({ Name, ResourceQuery: query }, fixture.as());
const named = (name: string): Target => ({ Key: 'resource-groups:Name', Values: [name] });
const idsOf = async (...targets: Target[]): Promise<readonly string[]> =>
  (await resolveTargets(fixture.context, targets, { limit: 100 })).nodeIds;

describe('a group as target', () => {
  test('means the nodes among its members, together with the other targets', async () => {
    const { context } = fixture;
    const web = await makeNode(context, { nodeId: nodeIdOf(1), tags: { role: 'web', env: 'prod' } });
    const db = await makeNode(context, { nodeId: nodeIdOf(2), tags: { role: 'db', env: 'prod' } });
    const test1 = await makeNode(context, { nodeId: nodeIdOf(3), tags: { role: 'web', env: 'test' } });
    await make('web', queryOf([{ Key: 'role', Values: ['web'] }]));
    await make(
      'prod',
      queryOf(
        [{ Key: 'env', Values: ['prod', 'stage'] }, { Key: 'role' }],
        ['AWS::SSM::Document', 'AWS::SSM::ManagedInstance'],
      ),
    );
    await make('documents', queryOf([{ Key: 'role' }], ['AWS::SSM::Document']));
    await make('ec2', queryOf([{ Key: 'role' }], ['AWS::EC2::Instance']));

    expect(await idsOf(named('web'))).toEqual([web, test1]);
    expect(await idsOf(named('prod'))).toEqual([web, db]);
    expect(await idsOf(named('documents'))).toEqual([]);
    expect(await idsOf(named('ec2'))).toEqual([]);
    expect(await idsOf(named('none'))).toEqual([]);
    expect(
      await idsOf(named('web'), { Key: 'tag:role', Values: ['db', 'web'] }, { Key: 'tag:env', Values: ['prod'] }),
    ).toEqual([web]);
    // The values of one tag key are joined by or, but not with those of the group's query.
    expect(await idsOf(named('web'), { Key: 'tag:role', Values: ['db'] })).toEqual([]);
    expect(
      await idsOf(named('web'), { Key: 'resource-groups:ResourceTypeFilters', Values: ['AWS::SSM::ManagedInstance'] }),
    ).toEqual([web, test1]);
    expect(
      await idsOf(named('web'), { Key: 'resource-groups:ResourceTypeFilters', Values: ['AWS::EC2::INSTANCE'] }),
    ).toEqual([]);
    expect(await idsOf({ Key: 'resource-groups:ResourceTypeFilters', Values: ['AWS::SSM::ManagedInstance'] })).toEqual([
      web,
      db,
      test1,
    ]);
    expect(await nodeMatches(context, web, [named('web')])).toBe(true);
    expect(await nodeMatches(context, db, [named('web')])).toBe(false);
    expect(await nodeMatches(context, db, [named('none')])).toBe(false);
  });

  test('must exist when it is asked for, and means its query of the moment', async () => {
    const node = await makeNode(fixture.context, { tags: { role: 'web' } });
    await make('web', queryOf([{ Key: 'role', Values: ['web'] }]));
    await expect(checkTargets(fixture.context, [named('none')])).rejects.toMatchObject({ code: 'InvalidTarget' });
    expect(await checkTargets(fixture.context, [named('web')])).toEqual([
      { filters: [{ key: 'role', values: ['web'] }] },
    ]);
    expect(await checkTargets(fixture.context, [{ Key: 'InstanceIds', Values: ['*'] }])).toEqual([]);
    await groups.UpdateGroupQuery(
      { Group: 'web', ResourceQuery: queryOf([{ Key: 'role', Values: ['db'] }]) },
      fixture.as(),
    );
    expect(await idsOf(named('web'))).toEqual([]);
    await groups.UpdateGroupQuery({ Group: 'web', ResourceQuery: queryOf([{ Key: 'role' }]) }, fixture.as());
    expect(await idsOf(named('web'))).toEqual([node]);
    await groups.DeleteGroup({ Group: 'web' }, fixture.as());
    expect(await idsOf(named('web'))).toEqual([]);
  });

  test('whatever its query, resolving, matching and listing agree with the tags', async () => {
    const keys = fc.constantFrom('a', 'b', '__proto__');
    const values = fc.constantFrom('1', '2', '');
    const tags = fc.uniqueArray(fc.tuple(keys, values), { selector: ([key]) => key, maxLength: 3 });
    const filters = fc.array(fc.record({ Key: keys, Values: fc.array(values, { maxLength: 2 }) }), {
      minLength: 1,
      maxLength: 3,
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(tags, { maxLength: 6 }),
        filters,
        fc.integer({ min: 1, max: 4 }),
        async (fleet, query, limit) => {
          const own = testContext();
          try {
            const wanted = new Map<string, boolean>();
            for (const [number, pairs] of fleet.entries()) {
              const given = new Map(pairs);
              const node = await makeNode(own.context, {
                nodeId: nodeIdOf(number * 7),
                tags: Object.fromEntries(pairs),
              });
              wanted.set(
                node,
                query.every(
                  ({ Key, Values }) => given.has(Key) && (Values.length === 0 || Values.includes(given.get(Key)!)),
                ),
              );
            }
            await groups.CreateGroup({ Name: 'group', ResourceQuery: queryOf(query) }, own.as());
            const targets = [named('group')];
            const found: string[] = [];
            let after: string | undefined;
            do {
              const page = await resolveTargets(own.context, targets, { after, limit });
              found.push(...page.nodeIds);
              after = page.next;
            } while (after !== undefined);
            expect(found).toEqual([...wanted.keys()].filter((node) => wanted.get(node)).sort());
            for (const [node, isMember] of wanted) expect(await nodeMatches(own.context, node, targets)).toBe(isMember);
          } finally {
            await own.close();
          }
        },
      ),
      { numRuns: 25 },
    );
  });
});
