import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { nodeMatches, resolveTargets } from '../../../functions/nodes/index.ts';
import { taggableNode } from '../../../functions/nodes/taggable.ts';
import { tagOperations } from '../../../functions/tags/resources.ts';
import { testContext, type TestContext } from '../../support/context.ts';
import { makeNode } from '../nodes/nodes-fixture.ts';

let fixture: TestContext;
let ResourceId: string;
beforeEach(async () => {
  fixture = testContext();
  ResourceId = await makeNode(fixture.context);
});
afterEach(() => fixture.close());

const ResourceType = 'ManagedInstance';
const operations = tagOperations([taggableNode]);
const add = (tags: Readonly<Record<string, string>>) =>
  operations.AddTagsToResource(
    { ResourceType, ResourceId, Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) },
    fixture.as(),
  );
const remove = (...TagKeys: string[]) =>
  operations.RemoveTagsFromResource({ ResourceType, ResourceId, TagKeys }, fixture.as());
const list = async () =>
  Object.fromEntries(
    (await operations.ListTagsForResource({ ResourceType, ResourceId }, fixture.as())).TagList.map((tag) => [
      tag.Key,
      tag.Value,
    ]),
  );
const numbered = (count: number, value: string) =>
  Object.fromEntries(Array.from({ length: count }, (_, number) => [`key${number}`, value]));

describe('tags', () => {
  test('are put over each other by key, and taken away by key', async () => {
    await add({ env: 'test', Env: 'x', empty: '' });
    await add({ env: 'prod' });
    expect(await list()).toEqual({ Env: 'x', empty: '', env: 'prod' });
    await remove('Env', 'absent');
    expect(await list()).toEqual({ empty: '', env: 'prod' });
  });

  test('may all fifty change at once, and no fifty-first is taken', async () => {
    await add(numbered(50, 'old'));
    await add(numbered(50, 'new'));
    expect(await list()).toEqual(numbered(50, 'new'));
    await expect(add({ more: '' })).rejects.toMatchObject({ code: 'TooManyTagsError' });
    await expect(add(numbered(51, 'x'))).rejects.toMatchObject({ code: 'TooManyTagsError' });
    expect(
      (await resolveTargets(fixture.context, [{ Key: 'tag:key49', Values: ['old'] }], { limit: 9 })).nodeIds,
    ).toEqual([]);
    expect(
      (await resolveTargets(fixture.context, [{ Key: 'tag:key49', Values: ['new'] }], { limit: 9 })).nodeIds,
    ).toEqual([ResourceId]);
    await remove(...Object.keys(numbered(50, '')));
    expect(await list()).toEqual({});
  });

  test('of writers at the same time are all kept', async () => {
    await Promise.all(Array.from({ length: 15 }, (_, number) => add({ [`writer${number}`]: String(number) })));
    expect(Object.keys(await list())).toHaveLength(15);
    for (let number = 0; number < 15; number++)
      expect(
        await nodeMatches(fixture.context, ResourceId, [{ Key: `tag:writer${number}`, Values: [String(number)] }]),
      ).toBe(true);
  });

  test("may be called as no object's member is", async () => {
    await add({ constructor: 'a', toString: 'b' });
    expect(await list()).toEqual({ constructor: 'a', toString: 'b' });
  });

  test.each([
    ['aws:name', 'x', 'ValidationException'],
    ['AWS:name', 'x', 'ValidationException'],
    ['semi;colon', 'x', 'ValidationException'],
    ['key', 'new\nline;', 'ValidationException'],
    ['', 'x', 'ValidationException'],
  ])('%j=%j is refused', async (key, value, code) => {
    await expect(add({ [key]: value })).rejects.toMatchObject({ code });
  });

  test.each([
    ['Nonsense', 'x', 'InvalidResourceType'],
    ['ManagedInstance', 'i-0123456789abcdef0', 'InvalidResourceId'],
    ['ManagedInstance', 'mi-00000000000000000', 'InvalidResourceId'],
  ])('%s %s has none', async (type, id, code) => {
    const resource = { ResourceType: type as 'ManagedInstance', ResourceId: id };
    await expect(operations.ListTagsForResource(resource, fixture.as())).rejects.toMatchObject({ code });
    await expect(
      operations.AddTagsToResource({ ...resource, Tags: [{ Key: 'k', Value: 'v' }] }, fixture.as()),
    ).rejects.toMatchObject({ code });
    await expect(
      operations.RemoveTagsFromResource({ ...resource, TagKeys: ['k'] }, fixture.as()),
    ).rejects.toMatchObject({ code });
  });
});
