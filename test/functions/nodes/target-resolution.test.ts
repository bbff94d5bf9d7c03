import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { getNode, getNodes, nodeMatches, removeNode, resolveTargets } from '../../../functions/nodes/index.ts';
import { taggableNode } from '../../../functions/nodes/taggable.ts';
import { tagOperations } from '../../../functions/tags/resources.ts';
import { testContext, type TestContext } from '../../support/context.ts';
import { makeNode, nodeIdOf } from './nodes-fixture.ts';

let fixture: TestContext;
beforeEach(() => (fixture = testContext()));
afterEach(() => fixture.close());

const tags = tagOperations([taggableNode]);

describe('resolveTargets', () => {
  test('finds by id, by tag, by both; unknown ids are left out', async () => {
    const { context } = fixture;
    const web = await makeNode(context, { nodeId: nodeIdOf(1), tags: { role: 'web', env: 'prod' } });
    const db = await makeNode(context, { nodeId: nodeIdOf(2), tags: { role: 'db', env: 'prod' } });
    const test1 = await makeNode(context, { nodeId: nodeIdOf(3), tags: { role: 'web', env: 'test' } });
    const bare = await makeNode(context, { nodeId: nodeIdOf(4) });

    const ids = async (...targets: { Key: string; Values: string[] }[]): Promise<readonly string[]> =>
      (await resolveTargets(context, targets, { limit: 100 })).nodeIds;
    expect(await ids({ Key: 'InstanceIds', Values: [bare, 'mi-0ffffffffffffffff', web] })).toEqual([web, bare]);
    expect(await ids({ Key: 'instanceids', Values: ['*'] })).toEqual([web, db, test1, bare]);
    expect(await ids({ Key: 'tag:role', Values: ['web'] })).toEqual([web, test1]);
    expect(await ids({ Key: 'tag:role', Values: ['web', 'db'] }, { Key: 'tag:env', Values: ['prod'] })).toEqual([
      web,
      db,
    ]);
    expect(await ids({ Key: 'tag:role', Values: ['web'] }, { Key: 'InstanceIds', Values: [test1, bare] })).toEqual([
      test1,
    ]);
    expect(await ids({ Key: 'tag-key', Values: ['env'] })).toEqual([web, db, test1]);
    expect(await ids({ Key: 'tag:role', Values: ['WEB'] })).toEqual([]);
    expect(await ids()).toEqual([]);
    expect(await nodeMatches(context, web, [{ Key: 'tag:role', Values: ['web'] }])).toBe(true);
    expect(await nodeMatches(context, bare, [{ Key: 'tag:role', Values: ['web'] }])).toBe(false);
  });

  test('pages in the order of ids while nodes come and go', async () => {
    const { context } = fixture;
    const all: string[] = [];
    for (let number = 0; number < 40; number++)
      all.push(await makeNode(context, { nodeId: nodeIdOf(number), tags: { fleet: 'a' } }));
    all.sort();
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const page = await resolveTargets(context, [{ Key: 'tag:fleet', Values: ['a'] }], { after, limit: 7 });
      seen.push(...page.nodeIds);
      if (after === undefined) await removeNode(context, page.nodeIds.at(-1) ?? '', () => []);
      after = page.next;
    } while (after !== undefined);
    expect(seen).toEqual(all);
  });

  test('a tag that was just changed counts at once; a removed node is found by nothing', async () => {
    const { context } = fixture;
    // Entries of indexes come late here: what must be found at once may not lean on them.
    fixture.state.holdIndexes();
    const node = await makeNode(context, { tags: { role: 'web' } });
    await tags.AddTagsToResource(
      {
        ResourceType: 'ManagedInstance',
        ResourceId: node,
        Tags: [
          { Key: 'role', Value: 'db' },
          { Key: 'new', Value: '' },
        ],
      },
      fixture.as(),
    );
    const find = async (key: string, value: string): Promise<readonly string[]> =>
      (await resolveTargets(context, [{ Key: key, Values: [value] }], { limit: 9 })).nodeIds;
    expect(await find('tag:role', 'web')).toEqual([]);
    expect(await find('tag:role', 'db')).toEqual([node]);
    expect(await find('tag:new', '')).toEqual([node]);
    await tags.RemoveTagsFromResource(
      { ResourceType: 'ManagedInstance', ResourceId: node, TagKeys: ['new', 'absent'] },
      fixture.as(),
    );
    expect(await find('tag:new', '')).toEqual([]);
    fixture.state.releaseIndexes();
    expect(await find('tag-key', 'role')).toEqual([node]);

    await removeNode(context, node, () => []);
    for (const [key, value] of [
      ['tag:role', 'db'],
      ['tag-key', 'role'],
      ['InstanceIds', node],
      ['InstanceIds', '*'],
    ] as const)
      expect(await find(key, value)).toEqual([]);
    expect(await getNode(context, node)).toBeUndefined();
  });
});

test('getNodes keeps the order that was asked for, any number of them', async () => {
  const ids: string[] = [];
  for (let number = 0; number < 60; number++)
    ids.push(await makeNode(fixture.context, { nodeId: nodeIdOf(number), tags: { number: String(number) } }));
  const nodes = await getNodes(fixture.context, [...ids, 'mi-0ffffffffffffffff'].reverse());
  expect(nodes.map((node) => node.id)).toEqual([...ids].reverse());
  expect(nodes[0]?.tags).toEqual({ number: '59' });
});
