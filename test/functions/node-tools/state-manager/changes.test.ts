/** A node whose tags, groups or platform change: events bring its associations, in any order, any number of times. */
import { describe, expect, test } from 'vitest';
import type { Caller } from '../../../../core/caller.ts';
import { callAs } from '../../../../core/calls.ts';
import type { Timer } from '../../../../core/timers.ts';
import type { State } from '../../../../core/state.ts';
import { applyAssociations } from '../../../../functions/node-tools/state-manager/apply-associations.ts';
import { handleGroupChange } from '../../../../functions/node-tools/state-manager/apply-group-change.ts';
import { groupKind, type GroupPayload } from '../../../../functions/node-tools/state-manager/timers.ts';
import { markOnServiceMachine, recordPing } from '../../../../functions/nodes/index.ts';
import { admin } from '../../../support/context.ts';
import { timersLeft } from '../../../support/timers.ts';
import {
  call,
  create,
  deliverEvents,
  fireTimers,
  flotilla,
  later,
  listed,
  overview,
  refreshes,
  register,
  rendered,
  settle,
  tell,
} from './state-manager-fixture.ts';

const operator: Caller = { ...admin, kind: 'person', role: 'operator' } as Caller;

const tag = (ResourceId: string, tags: Record<string, string>) =>
  callAs(flotilla.context, admin, 'ssm', 'AddTagsToResource', {
    ResourceType: 'ManagedInstance',
    ResourceId,
    Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
  });
const untag = (ResourceId: string, ...TagKeys: string[]) =>
  callAs(flotilla.context, admin, 'ssm', 'RemoveTagsFromResource', {
    ResourceType: 'ManagedInstance',
    ResourceId,
    TagKeys,
  });
const ids = async (nodeId: string) => (await listed(nodeId)).map(({ AssociationId }) => AssociationId);

describe('tags', () => {
  test('a tag that a node gets brings the association, and one that it loses takes it away', async () => {
    const node = await register(1);
    const id = await create({ Targets: [{ Key: 'tag:env', Values: ['prod'] }] });
    const byKey = await create({ Targets: [{ Key: 'tag-key', Values: ['env'] }] });
    expect(await ids(node)).toEqual([]);
    await tag(node, { env: 'test' });
    await deliverEvents();
    expect(await ids(node)).toEqual([byKey]);
    await tag(node, { env: 'prod' });
    await deliverEvents();
    expect(await ids(node)).toEqual([id, byKey].sort());
    expect(await rendered(node)).toHaveLength(2);
    await tell(node, byKey, 'Success');
    await untag(node, 'env');
    await deliverEvents();
    expect(await ids(node)).toEqual([]);
    expect(await refreshes(node)).toEqual([]);
    expect(await overview(id)).toMatchObject({ AssociationStatusAggregatedCount: { Skipped: 1 } });
    expect(await overview(byKey)).toMatchObject({ AssociationStatusAggregatedCount: { Success: 1 } });
  });

  test('events that come in the wrong order end at what holds', async () => {
    const node = await register(1);
    const id = await create({ Targets: [{ Key: 'tag:env', Values: ['prod'] }] });
    await create({ Targets: [{ Key: 'tag:env', Values: ['test'] }] });
    await listed(node);
    for (const env of ['test', 'prod', 'test', 'prod']) await tag(node, { env });
    await deliverEvents({ reversed: true });
    expect(await ids(node)).toEqual([id]);
  });

  test('tags that change while they are judged are judged anew', async () => {
    const node = await register(1, { env: 'prod' });
    await create({ Targets: [{ Key: 'tag:env', Values: ['test'] }] });
    const id = await create({ Targets: [{ Key: 'tag:env', Values: ['stage'] }] });
    await tag(node, { env: 'test' });
    let changed = false;
    const racing = new Proxy<State>(flotilla.state, {
      get: (state, member) =>
        member === 'transact'
          ? async (writes: Parameters<State['transact']>[0]) => {
              if (!changed) {
                changed = true;
                await tag(node, { env: 'stage' });
              }
              return state.transact(writes);
            }
          : (Reflect.get(state, member) as (...given: never[]) => unknown).bind(state),
    });
    await applyAssociations(node, { ...flotilla.context, state: racing });
    expect(await ids(node)).toEqual([id]);
  });

  test('what is still to come by the node is looked at once more, when the index of tag keys has caught up', async () => {
    const [first, second] = [await register(1, { env: '' }), await register(2)];
    const id = await create({ Targets: [{ Key: 'tag-key', Values: ['env'] }], MaxConcurrency: '1' });
    await tag(second, { env: '' });
    await deliverEvents();
    expect(await ids(second)).toEqual([]);
    expect((await timersLeft(flotilla.state)).filter(({ kind }) => kind === 'apply-associations')).toHaveLength(1);
    await tell(first, id, 'Success');
    await settle(id);
    expect(await ids(second)).toEqual([id]);
    await later(60_000);
    expect((await timersLeft(flotilla.state)).filter(({ kind }) => kind === 'apply-associations')).toEqual([]);
    expect(await refreshes(second)).toHaveLength(1);
  });
});

describe('resource groups', () => {
  const query = (env: string) => ({
    Type: 'TAG_FILTERS_1_0' as const,
    Query: JSON.stringify({
      ResourceTypeFilters: ['AWS::SSM::ManagedInstance'],
      TagFilters: [{ Key: 'env', Values: [env] }],
    }),
  });
  const groups = <Name extends 'CreateGroup' | 'UpdateGroupQuery' | 'DeleteGroup'>(name: Name, input: object) =>
    callAs(flotilla.context, admin, 'resource-groups', name, input as never);
  const changed = async () => {
    await deliverEvents();
    await fireTimers();
  };

  test('a group that has another query, goes and comes again', async () => {
    const [prod, test] = [await register(1, { env: 'prod' }), await register(2, { env: 'test' })];
    await groups('CreateGroup', { Name: 'web', ResourceQuery: query('prod') });
    const id = await create({ Targets: [{ Key: 'resource-groups:Name', Values: ['web'] }] });
    expect([await ids(prod), await ids(test)]).toEqual([[id], []]);
    await groups('UpdateGroupQuery', { GroupName: 'web', ResourceQuery: query('test') });
    await changed();
    expect([await ids(prod), await ids(test)]).toEqual([[], [id]]);
    await groups('DeleteGroup', { GroupName: 'web' });
    await changed();
    expect([await ids(prod), await ids(test)]).toEqual([[], []]);
    await groups('CreateGroup', { Name: 'web', ResourceQuery: query('prod') });
    await changed();
    expect([await ids(prod), await ids(test)]).toEqual([[id], []]);
  });

  test('a group of many is gone through in steps that end at the deadline', async () => {
    const nodes: string[] = [];
    for (let place = 0; place < 230; place++) nodes.push(await register(place, { env: 'prod' }));
    await groups('CreateGroup', { Name: 'web', ResourceQuery: query('test') });
    const id = await create({ Targets: [{ Key: 'resource-groups:Name', Values: ['web'] }] });
    await groups('UpdateGroupQuery', { GroupName: 'web', ResourceQuery: query('prod') });
    await deliverEvents();
    const pages: number[] = [];
    for (;;) {
      const before = (await overview(id))?.AssociationStatusAggregatedCount?.['Pending'] ?? 0;
      if ((await timersLeft(flotilla.state)).every(({ kind }) => kind !== 'apply-group-change')) break;
      // Of two pages' time, the first asks twice and the nodes of it a few times each.
      await fireTimers({ ...flotilla.context, deadline: oncePer(pages) });
      flotilla.clock.advance(1);
      expect((await overview(id))!.AssociationStatusAggregatedCount!['Pending']).toBeGreaterThanOrEqual(before);
    }
    expect(pages.length).toBeGreaterThan(1);
    expect(await overview(id)).toMatchObject({ AssociationStatusAggregatedCount: { Pending: nodes.length } });
  });

  test('of two workers that have the timer of a group at once, one goes on', async () => {
    await register(1, { env: 'prod' });
    await groups('CreateGroup', { Name: 'web', ResourceQuery: query('test') });
    await create({ Targets: [{ Key: 'resource-groups:Name', Values: ['web'] }] });
    await groups('UpdateGroupQuery', { GroupName: 'web', ResourceQuery: query('prod') });
    await deliverEvents();
    const timer = (await timersLeft(flotilla.state)).find(({ kind }) => kind === groupKind);
    const late = { ...flotilla.context, deadline: { remaining: () => 0 } };
    for (let worker = 0; worker < 2; worker++) {
      flotilla.clock.advance(1_000);
      await handleGroupChange(timer as Timer<GroupPayload>, late);
    }
    expect((await timersLeft(flotilla.state)).filter(({ id }) => id === timer!.id)).toHaveLength(1);
  });

  /** Time for one page of nodes, and no more. */
  function oncePer(calls: number[]) {
    let asked = 0;
    calls.push(calls.length);
    return { remaining: () => (asked++ < 120 ? Infinity : 0) };
  }
});

describe('the platform', () => {
  test('a document that is not for it is skipped once it is known', async () => {
    const node = await register(1, {}, 'never seen');
    const id = await create();
    expect(await listed(node)).toMatchObject([{ DetailedStatus: 'Pending' }]);
    await recordPing(flotilla.context, node, { agentVersion: '1.0.0.0', platformType: 'Windows' });
    await deliverEvents();
    expect(await listed(node)).toMatchObject([{ DetailedStatus: 'Skipped' }]);
    expect(await refreshes(node)).toEqual([]);
    expect(await overview(id)).toMatchObject({ Status: 'Success', AssociationStatusAggregatedCount: { Skipped: 1 } });
  });
});

test('what waits for a node that turns out to take work only from admins is skipped when the node asks', async () => {
  const node = await register(1);
  const { AssociationDescription: made } = await callAs(flotilla.context, operator, 'ssm', 'CreateAssociation', {
    Name: 'AWS-RunShellScript',
    Parameters: { commands: ['true'] },
    Targets: [{ Key: 'InstanceIds', Values: ['*'] }],
  });
  const id = made!.AssociationId!;
  await settle(id);
  expect(await listed(node)).toMatchObject([{ DetailedStatus: 'Pending' }]);
  await markOnServiceMachine(flotilla.context, node);
  expect(await listed(node)).toEqual([]);
  expect(await overview(id)).toMatchObject({ Status: 'Success', AssociationStatusAggregatedCount: { Skipped: 1 } });
  expect(await refreshes(node)).toEqual([]);
});

test('an association that is deleted leaves the node when it asks next', async () => {
  const node = await register(1);
  const id = await create();
  await listed(node);
  await call('DeleteAssociation', { AssociationId: id });
  expect(await listed(node)).toEqual([]);
  await flotilla.context.background.settled();
  expect((await flotilla.state.query({ pk: `NODE-ASSOCIATIONS#${node}`, from: '0' })).rows).toEqual([]);
  expect((await flotilla.state.query({ pk: 'ASSOCIATIONS-FOR#everything' })).rows).toEqual([]);
});
