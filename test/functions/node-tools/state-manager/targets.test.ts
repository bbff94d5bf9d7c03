/** Whose an association is, and how many nodes run it at once. */
import { describe, expect, test } from 'vitest';
import { handler as applyToNode } from '../../../../functions/node-tools/state-manager/apply-to-node.ts';
import { handler as forgetNode } from '../../../../functions/node-tools/state-manager/forget-node.ts';
import { recordPing, removeNode } from '../../../../functions/nodes/index.ts';
import {
  call,
  create,
  events,
  everyNode,
  flotilla,
  later,
  listed,
  minutes,
  nodeName,
  overview,
  refreshes,
  register,
  rendered,
  settle,
  tell,
} from './state-manager-fixture.ts';

describe('who it is for', () => {
  test('tags; a node that registers later is given it at once, one that asks before its event too', async () => {
    const first = await register(1, { env: 'prod' });
    await register(2, { env: 'test' });
    const id = await create({ Targets: [{ Key: 'tag:env', Values: ['prod'] }] });
    expect(await listed(first)).toHaveLength(1);
    expect(await listed(nodeName(2))).toEqual([]);

    const third = await register(3, { env: 'prod' });
    await applyToNode({ detail: { 'instance-id': third } } as never, flotilla.context);
    await applyToNode({ detail: { 'instance-id': third } } as never, flotilla.context);
    expect(await rendered(third)).toHaveLength(1);
    const fourth = await register(4, { env: 'prod' });
    expect(await listed(fourth)).toMatchObject([{ AssociationId: id, DetailedStatus: 'Pending' }]);
    expect(await overview(id)).toMatchObject({ AssociationStatusAggregatedCount: { Pending: 3 } });

    for (const node of [first, third, fourth]) await tell(node, id, 'Success');
    expect(await overview(id)).toEqual({
      Status: 'Success',
      DetailedStatus: 'Success',
      AssociationStatusAggregatedCount: { Success: 3 },
    });
  });

  test('a node joins a run that was over: it is looked after again', async () => {
    const first = await register(1);
    const id = await create();
    await tell(first, id, 'Success');
    expect(await overview(id)).toMatchObject({ Status: 'Success' });
    const second = await register(2);
    expect(await listed(second)).toMatchObject([{ DetailedStatus: 'Pending' }]);
    expect(await overview(id)).toEqual({
      Status: 'Pending',
      DetailedStatus: 'InProgress',
      AssociationStatusAggregatedCount: { Success: 1, Pending: 1 },
    });
    await tell(second, id, 'Success');
    await later(minutes);
    expect((await call('DescribeAssociation', { AssociationId: id })).AssociationDescription!.Overview).toMatchObject({
      Status: 'Success',
      AssociationStatusAggregatedCount: { Success: 2 },
    });
  });

  test('a node that is deregistered is waited for no longer', async () => {
    const [first, second] = [await register(1), await register(2)];
    const id = await create();
    await tell(first, id, 'Success');
    await removeNode(flotilla.context, second, () => []);
    await forgetNode({ detail: { 'instance-id': second } } as never, flotilla.context);
    expect(await overview(id)).toMatchObject({
      Status: 'Success',
      AssociationStatusAggregatedCount: { Success: 1, Skipped: 1 },
    });
  });

  test('platforms that the document is not for are skipped', async () => {
    await register(1, {}, 'Windows');
    const linux = await register(2);
    const id = await create();
    expect(await listed(nodeName(1))).toMatchObject([{ DetailedStatus: 'Skipped' }]);
    expect(await rendered(nodeName(1))).toEqual([]);
    await tell(linux, id, 'Success');
    expect(await overview(id)).toMatchObject({
      Status: 'Success',
      AssociationStatusAggregatedCount: { Success: 1, Skipped: 1 },
    });
  });

  test('one inventory association a node: the one that names it', async () => {
    const [first, second] = [await register(1), await register(2)];
    const named = await create({
      Name: 'AWS-GatherSoftwareInventory',
      Parameters: {},
      Targets: [{ Key: 'InstanceIds', Values: [first] }],
    });
    const all = await create({ Name: 'AWS-GatherSoftwareInventory', Parameters: {} });
    const state = async (node: string, id: string) =>
      (await listed(node)).find(({ AssociationId }) => AssociationId === id)?.DetailedStatus;
    expect(await state(first, named)).toBe('Pending');
    expect(await state(first, all)).toBe('Skipped');
    expect(await state(second, all)).toBe('Pending');
    expect(
      (await events('EC2 State Manager Instance Association State Change')).filter(
        (detail) => detail['association-id'] === all && detail['instance-id'] === first,
      ),
    ).toMatchObject([{ 'execution-summary': 'Overridden By Explicit Inventory Association' }]);
  });

  test('nobody: it stays pending', async () => {
    const id = await create({ Targets: [{ Key: 'tag:none', Values: ['such'] }] });
    expect(await overview(id)).toEqual({
      Status: 'Pending',
      DetailedStatus: 'Pending',
      AssociationStatusAggregatedCount: {},
    });
  });

  test('many nodes, every one once, and the counters right however many report at once', async () => {
    const nodes: string[] = [];
    for (let place = 0; place < 75; place++) nodes.push(await register(place * 7919));
    const id = await create();
    for (const node of nodes) expect(await refreshes(node)).toHaveLength(1);
    expect(await overview(id)).toMatchObject({ AssociationStatusAggregatedCount: { Pending: 75 } });
    await Promise.all(nodes.map((node, place) => tell(node, id, place % 5 === 0 ? 'Failed' : 'Success')));
    expect(await overview(id)).toEqual({
      Status: 'Failed',
      DetailedStatus: 'Failed',
      AssociationStatusAggregatedCount: { Success: 60, Failed: 15 },
    });
  });
});

test('nodes that register, ask and are reached at the same moment are given it once each', async () => {
  const nodes: string[] = [];
  for (let place = 0; place < 30; place++) nodes.push(await register(place * 31));
  const { AssociationDescription: made } = await call('CreateAssociation', {
    Name: 'AWS-RunShellScript',
    Parameters: { commands: ['true'] },
    Targets: everyNode,
  });
  const id = made!.AssociationId!;
  const late = nodeName(7777);
  await Promise.all([
    ...nodes.map((node) => listed(node)),
    ...nodes.map((node) => applyToNode({ detail: { 'instance-id': node } } as never, flotilla.context)),
    settle(id),
    register(7777).then((node) =>
      Promise.all([
        listed(node),
        listed(node),
        applyToNode({ detail: { 'instance-id': node } } as never, flotilla.context),
      ]),
    ),
    settle(id),
  ]);
  await listed(late);
  for (const node of [...nodes, late]) expect(await refreshes(node)).toHaveLength(1);
  expect(await overview(id)).toMatchObject({ AssociationStatusAggregatedCount: { Pending: 31 } });
  await Promise.all([...nodes, late].map((node) => tell(node, id, 'Success')));
  expect(await overview(id)).toEqual({
    Status: 'Success',
    DetailedStatus: 'Success',
    AssociationStatusAggregatedCount: { Success: 31 },
  });
});

describe('rate control', () => {
  async function online(count: number): Promise<string[]> {
    const nodes: string[] = [];
    for (let place = 1; place <= count; place++) nodes.push(await register(place));
    return nodes;
  }
  const given = async (nodes: readonly string[]) =>
    (await Promise.all(nodes.map(async (node) => ((await refreshes(node)).length > 0 ? [node] : [])))).flat();

  test('no more at once than MaxConcurrency, in the order of their ids', async () => {
    const nodes = await online(4);
    const id = await create({ MaxConcurrency: '50%' });
    expect(await given(nodes)).toEqual(nodes.slice(0, 2));
    // One that asks before its turn is not given it.
    expect(await listed(nodes[3]!)).toEqual([]);
    await tell(nodes[0]!, id, 'Success');
    await settle(id);
    expect(await given(nodes)).toEqual(nodes.slice(0, 3));
  });

  test('errors over MaxErrors end it; the next run begins anew', async () => {
    const nodes = await online(3);
    const id = await create({ MaxConcurrency: '1', MaxErrors: '0', ScheduleExpression: 'rate(30 minutes)' });
    await tell(nodes[0]!, id, 'Failed');
    expect(await overview(id)).toMatchObject({ Status: 'Failed', AssociationStatusAggregatedCount: { Failed: 1 } });
    expect(await given(nodes)).toEqual([nodes[0]]);
    expect(await listed(nodes[1]!)).toEqual([]);
    await later(20 * minutes);
    for (const node of nodes) await recordPing(flotilla.context, node, {});
    await later(10 * minutes);
    await settle(id);
    await tell(nodes[0]!, id, 'Success');
    await settle(id);
    expect(await given(nodes)).toEqual(nodes.slice(0, 2));
  });

  test('a node that is away does not hold up the others', async () => {
    const away = await register(0, {}, 'never seen');
    const nodes = await online(2);
    await create({ MaxConcurrency: '1' });
    expect(await given([away, ...nodes])).toEqual([away, nodes[0]]);
  });
});
