/** The life of associations on a real state file; the test plays the agents and moves the clock. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { UpdateInstanceAssociationStatusInput } from '../../../../core/agent-operations.ts';
import type { Caller } from '../../../../core/caller.ts';
import { timerPartition, timerShards, type Timer } from '../../../../core/timers.ts';
import { operations as documents } from '../../../../functions/change-management/documents/operations.ts';
import { fireTimer } from '../../../../functions/clock/fire-timer.ts';
import { handler as applyToNode } from '../../../../functions/node-tools/state-manager/apply-to-node.ts';
import { handler as forgetNode } from '../../../../functions/node-tools/state-manager/forget-node.ts';
import { refreshKind, renderRefresh } from '../../../../functions/node-tools/state-manager/index.ts';
import { agentOperations, operations, timers } from '../../../../functions/node-tools/state-manager/operations.ts';
import { progressExecution } from '../../../../functions/node-tools/state-manager/progress-execution.ts';
import { pendingMessages, recordPing, removeNode, writeNode } from '../../../../functions/nodes/index.ts';
import { testContext, type TestContext } from '../../../support/context.ts';
import { expectValidEvent } from '../../../support/events.ts';

let flotilla: TestContext;
beforeEach(() => {
  flotilla = testContext();
});
afterEach(async () => {
  for (const { event } of await flotilla.state.readChanges(0, 10_000)) expectValidEvent(event);
  await flotilla.close();
});

const nodeName = (place: number): string => `mi-${place.toString(16).padStart(17, '0')}`;
const minutes = 60_000;

async function register(place: number, tags: Record<string, string> = {}, platformType = 'Linux'): Promise<string> {
  const { context, clock } = flotilla;
  const nodeId = nodeName(place);
  await context.state.transact(writeNode({ node: { nodeId, registeredAt: clock.now(), activationId: 'a', iamRole: 'r', name: 'n' }, identity: { publicKey: '', publicKeyType: 'Rsa' }, tags, events: [] }));
  if (platformType !== 'never seen') await recordPing(context, nodeId, { agentName: 'a', agentVersion: '1.0.0.0', platformType });
  return nodeId;
}

type Operations = typeof operations;
function call<Name extends keyof Operations>(name: Name, input: object): Promise<Awaited<ReturnType<Operations[Name]>>> {
  return (operations[name] as (input: object, context: object) => Promise<Awaited<ReturnType<Operations[Name]>>>)(input, flotilla.as());
}

const asNode = (nodeId: string): Caller => ({ kind: 'node', nodeId, accessKeyId: 'ASIA', arn: `arn:aws:sts::123456789012:assumed-role/r/${nodeId}` });
const listed = async (nodeId: string) => (await agentOperations.ListInstanceAssociations({ InstanceId: nodeId }, flotilla.as(asNode(nodeId)))).Associations;
const tell = (nodeId: string, AssociationId: string, Status: string, more: Partial<UpdateInstanceAssociationStatusInput['ExecutionResult']> = {}) =>
  agentOperations.UpdateInstanceAssociationStatus({ AssociationId, InstanceId: nodeId, ExecutionResult: { Status, ...more } }, flotilla.as(asNode(nodeId)));
const refusal = (code: string, message?: RegExp) => expect.objectContaining({ code, ...(message === undefined ? {} : { message: expect.stringMatching(message) as string }) }) as Error;
const everyNode = [{ Key: 'InstanceIds', Values: ['*'] }];

/** Makes one and lets it reach its nodes. */
async function create(more: object = {}): Promise<string> {
  const { AssociationDescription: made } = await call('CreateAssociation', { Name: 'AWS-RunShellScript', Parameters: { commands: ['true'] }, Targets: everyNode, ...more });
  await settle(made!.AssociationId!);
  return made!.AssociationId!;
}

async function executionOf(associationId: string): Promise<string> {
  return (await flotilla.state.get<{ executionId: string }>({ pk: `ASSOCIATION#${associationId}`, sk: 'ASSOCIATION' }))!.body.executionId;
}

/** Lets what runs in the background come to rest. */
async function settle(associationId: string): Promise<void> {
  await progressExecution(associationId, await executionOf(associationId), flotilla.context);
}

const overview = async (AssociationId: string) => {
  await settle(AssociationId);
  return (await call('DescribeAssociation', { AssociationId })).AssociationDescription!.Overview;
};

const refreshes = async (nodeId: string) => (await pendingMessages(flotilla.context, nodeId)).filter(({ kind }) => kind === refreshKind);

/** What the gateway would send a node now. */
async function rendered(nodeId: string): Promise<object[]> {
  const messages = await Promise.all((await refreshes(nodeId)).map(({ reference }) => renderRefresh(reference as never, nodeId, flotilla.context)));
  return messages.flatMap((message) => (message === undefined ? [] : [JSON.parse(message.content) as object]));
}

/** Fires what is due, as the local loop and the tick do. */
async function fireTimers(): Promise<void> {
  for (let shard = 0; shard < timerShards; shard++)
    for (const { body } of (await flotilla.state.query<Timer>({ pk: timerPartition(shard) })).rows)
      if (timers[body.kind] !== undefined && body.due <= flotilla.clock.now()) await fireTimer(body, timers, flotilla.context);
}

async function later(milliseconds: number): Promise<void> {
  flotilla.clock.advance(milliseconds);
  await fireTimers();
}

async function events(detailType: string): Promise<Record<string, string>[]> {
  const changes = await flotilla.state.readChanges(0, 10_000);
  return changes.filter(({ event }) => event.detailType === detailType).map(({ event }) => event.detail as Record<string, string>);
}

describe('one node', () => {
  test('made: the node is woken for it at once, runs it, and the association succeeds', async () => {
    const node = await register(1);
    const made = await call('CreateAssociation', { Name: 'AWS-RunShellScript', AssociationName: 'keep', Parameters: { commands: ['true'] }, Targets: everyNode, ScheduleExpression: 'rate(1 hour)' });
    expect(made.AssociationDescription).toMatchObject({ AssociationVersion: '1', Overview: { Status: 'Pending', DetailedStatus: 'Creating' }, ScheduleExpression: 'rate(1 hour)' });
    const id = made.AssociationDescription!.AssociationId!;
    await settle(id);

    expect(await rendered(node)).toMatchObject([{ DocumentName: 'AWS-RefreshAssociation', Parameters: { associationIds: [id] }, CloudWatchOutputEnabled: 'false' }]);
    const [message] = await refreshes(node);
    expect(message!.messageId).toMatch(new RegExp(`^aws\\.ssm\\.[0-9a-f-]{36}\\.${node}$`));

    const [association] = await listed(node);
    expect(association).toMatchObject({ AssociationId: id, InstanceId: node, Name: 'AWS-RunShellScript', DocumentVersion: '1', AssociationVersion: '1', DetailedStatus: 'Pending', Parameters: { commands: ['true'] } });
    expect(association!.Checksum).toMatch(/^[0-9a-f]{64}$/);
    expect(association).not.toHaveProperty('ScheduleExpression');
    expect(await overview(id)).toEqual({ Status: 'Pending', DetailedStatus: 'InProgress', AssociationStatusAggregatedCount: { Pending: 1 } });

    await tell(node, id, 'Pending');
    await tell(node, id, 'InProgress');
    expect(await rendered(node)).toEqual([]);
    await tell(node, id, 'Success', { ExecutionSummary: '1 out of 1 plugin processed', ErrorCode: '', ExecutionDate: new Date(flotilla.clock.now()) });
    expect(await overview(id)).toEqual({ Status: 'Success', DetailedStatus: 'Success', AssociationStatusAggregatedCount: { Success: 1 } });
    expect(await listed(node)).toMatchObject([{ DetailedStatus: 'Success', LastExecutionDate: new Date(flotilla.clock.now()) }]);

    expect((await events('EC2 State Manager Instance Association State Change')).map((detail) => `${detail.status} ${detail['detailed-status']}`)).toEqual(['Pending Pending', 'Pending InProgress', 'Success Success']);
    expect((await events('EC2 State Manager Association State Change')).map(({ status }) => status)).toEqual(['Pending', 'Pending', 'Success']);
    expect((await events('EC2 State Manager Association State Change')).at(-1)).toMatchObject({ 'association-name': 'keep', 'document-version': 'Optional.empty', targets: '[{"key":"InstanceIds","values":["*"]}]', 'association-status-aggregated-count': '{"Success":1}', 'schedule-expression': 'rate(1 hour)' });
  });

  test('it does not run again at every poll, and runs again when it is due', async () => {
    const node = await register(1);
    const id = await create({ ScheduleExpression: 'rate(30 minutes)' });
    await tell(node, id, 'Success');
    for (let poll = 0; poll < 2; poll++) {
      await later(10 * minutes);
      expect(await listed(node)).toMatchObject([{ DetailedStatus: 'Success' }]);
    }
    await later(10 * minutes);
    await settle(id);
    expect(await listed(node)).toMatchObject([{ DetailedStatus: 'Pending' }]);
    expect(await rendered(node)).toHaveLength(1);
    await tell(node, id, 'Failed', { ErrorCode: 'ExecutionError' });
    expect(await overview(id)).toMatchObject({ Status: 'Failed', AssociationStatusAggregatedCount: { Failed: 1 } });
  });

  test('a node that is away has one message waiting, however often it was due', async () => {
    const node = await register(1);
    const id = await create({ ScheduleExpression: 'rate(30 minutes)' });
    for (let run = 0; run < 3; run++) {
      await later(30 * minutes);
      await settle(id);
    }
    expect(await refreshes(node)).toHaveLength(1);
    expect(await rendered(node)).toHaveLength(1);
  });

  test('two ticks at once begin one run', async () => {
    await register(1);
    const id = await create({ ScheduleExpression: 'rate(30 minutes)' });
    flotilla.clock.advance(30 * minutes);
    await Promise.all([fireTimers(), fireTimers()]);
    const executions = await flotilla.state.query({ pk: `ASSOCIATION-EXECUTIONS#${id}` });
    expect(executions.rows).toHaveLength(2);
    await later(29 * minutes);
    expect((await flotilla.state.query({ pk: `ASSOCIATION-EXECUTIONS#${id}` })).rows).toHaveLength(2);
  });

  test('reports late, twice and out of order', async () => {
    const node = await register(1);
    const id = await create();
    for (const status of ['InProgress', 'Success', 'InProgress', 'Pending', 'Success', 'InProgress']) await tell(node, id, status);
    expect(await listed(node)).toMatchObject([{ DetailedStatus: 'Success' }]);
    expect(await overview(id)).toEqual({ Status: 'Success', DetailedStatus: 'Success', AssociationStatusAggregatedCount: { Success: 1 } });
    // The node ran it once more by itself, and it failed: one node, not two.
    await tell(node, id, 'Failed');
    expect(await overview(id)).toEqual({ Status: 'Failed', DetailedStatus: 'Failed', AssociationStatusAggregatedCount: { Failed: 1 } });
    await expect(tell(node, id, 'Perhaps')).rejects.toThrow(refusal('ValidationException'));
  });

  test('once more: now, and the next by schedule an interval after that', async () => {
    const node = await register(1);
    const id = await create({ ScheduleExpression: 'rate(1 hour)' });
    await tell(node, id, 'Success');
    await later(20 * minutes);
    await call('StartAssociationsOnce', { AssociationIds: [id] });
    await settle(id);
    expect(await listed(node)).toMatchObject([{ DetailedStatus: 'Pending' }]);
    await tell(node, id, 'Success');
    await later(59 * minutes);
    expect(await listed(node)).toMatchObject([{ DetailedStatus: 'Success' }]);
    await later(1 * minutes);
    await settle(id);
    expect(await listed(node)).toMatchObject([{ DetailedStatus: 'Pending' }]);
    await expect(call('StartAssociationsOnce', { AssociationIds: [id, '00000000-0000-4000-8000-000000000000'] })).rejects.toThrow(refusal('AssociationDoesNotExist'));
  });

  test('due while the node is still at it: that run counts, and it is not started beside itself', async () => {
    const node = await register(1);
    const id = await create({ ScheduleExpression: 'rate(30 minutes)' });
    await tell(node, id, 'InProgress');
    await later(30 * minutes);
    await settle(id);
    expect(await listed(node)).toMatchObject([{ DetailedStatus: 'InProgress' }]);
    expect(await rendered(node)).toEqual([]);
    await tell(node, id, 'Success');
    expect(await overview(id)).toMatchObject({ Status: 'Success', AssociationStatusAggregatedCount: { Success: 1 } });
  });

  test('a run of which nothing was heard for two hours is begun anew', async () => {
    const node = await register(1);
    const id = await create({ ScheduleExpression: 'rate(3 hours)' });
    await tell(node, id, 'InProgress');
    await later(180 * minutes);
    await settle(id);
    expect(await listed(node)).toMatchObject([{ DetailedStatus: 'Pending' }]);
  });

  test('a run that was cut off with its agent has failed, two hours on, when the node asks', async () => {
    const node = await register(1);
    const id = await create();
    await tell(node, id, 'InProgress');
    await later(119 * minutes);
    expect(await listed(node)).toMatchObject([{ DetailedStatus: 'InProgress' }]);
    await later(minutes);
    expect(await listed(node)).toMatchObject([{ DetailedStatus: 'Failed' }]);
    expect(await overview(id)).toMatchObject({ Status: 'Failed' });
  });

  test('deleted: gone from the API and from the node, and what waits is void', async () => {
    const node = await register(1);
    const id = await create({ ScheduleExpression: 'rate(1 hour)', Tags: [{ Key: 'a', Value: 'b' }] });
    await call('DeleteAssociation', { AssociationId: id });
    await expect(call('DescribeAssociation', { AssociationId: id })).rejects.toThrow(refusal('AssociationDoesNotExist'));
    expect((await call('ListAssociations', {})).Associations).toEqual([]);
    expect(await listed(node)).toEqual([]);
    expect(await rendered(node)).toEqual([]);
    await later(60 * minutes);
    expect(await listed(node)).toEqual([]);
    await expect(tell(node, id, 'Success')).rejects.toThrow(refusal('AssociationDoesNotExist'));
  });

  test('only the node itself may ask and tell', async () => {
    const node = await register(1);
    const other = await register(2);
    const id = await create();
    await expect(agentOperations.ListInstanceAssociations({ InstanceId: node }, flotilla.as(asNode(other)))).rejects.toThrow(refusal('AccessDeniedException'));
    await expect(agentOperations.ListInstanceAssociations({ InstanceId: node }, flotilla.as())).rejects.toThrow(refusal('AccessDeniedException'));
    await expect(agentOperations.UpdateInstanceAssociationStatus({ AssociationId: id, InstanceId: node, ExecutionResult: { Status: 'Success' } }, flotilla.as(asNode(other)))).rejects.toThrow(refusal('AccessDeniedException'));
  });
});

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
    expect(await overview(id)).toEqual({ Status: 'Success', DetailedStatus: 'Success', AssociationStatusAggregatedCount: { Success: 3 } });
  });

  test('a node joins a run that was over: it is looked after again', async () => {
    const first = await register(1);
    const id = await create();
    await tell(first, id, 'Success');
    expect(await overview(id)).toMatchObject({ Status: 'Success' });
    const second = await register(2);
    expect(await listed(second)).toMatchObject([{ DetailedStatus: 'Pending' }]);
    expect(await overview(id)).toEqual({ Status: 'Pending', DetailedStatus: 'InProgress', AssociationStatusAggregatedCount: { Success: 1, Pending: 1 } });
    await tell(second, id, 'Success');
    await later(minutes);
    expect((await call('DescribeAssociation', { AssociationId: id })).AssociationDescription!.Overview).toMatchObject({ Status: 'Success', AssociationStatusAggregatedCount: { Success: 2 } });
  });

  test('a node that is deregistered is waited for no longer', async () => {
    const [first, second] = [await register(1), await register(2)];
    const id = await create();
    await tell(first, id, 'Success');
    await removeNode(flotilla.context, second, () => []);
    await forgetNode({ detail: { 'instance-id': second } } as never, flotilla.context);
    expect(await overview(id)).toMatchObject({ Status: 'Success', AssociationStatusAggregatedCount: { Success: 1, Skipped: 1 } });
  });

  test('platforms that the document is not for are skipped', async () => {
    await register(1, {}, 'Windows');
    const linux = await register(2);
    const id = await create();
    expect(await listed(nodeName(1))).toMatchObject([{ DetailedStatus: 'Skipped' }]);
    expect(await rendered(nodeName(1))).toEqual([]);
    await tell(linux, id, 'Success');
    expect(await overview(id)).toMatchObject({ Status: 'Success', AssociationStatusAggregatedCount: { Success: 1, Skipped: 1 } });
  });

  test('one inventory association a node: the one that names it', async () => {
    const [first, second] = [await register(1), await register(2)];
    const named = await create({ Name: 'AWS-GatherSoftwareInventory', Parameters: {}, Targets: [{ Key: 'InstanceIds', Values: [first] }] });
    const all = await create({ Name: 'AWS-GatherSoftwareInventory', Parameters: {} });
    const state = async (node: string, id: string) => (await listed(node)).find(({ AssociationId }) => AssociationId === id)?.DetailedStatus;
    expect(await state(first, named)).toBe('Pending');
    expect(await state(first, all)).toBe('Skipped');
    expect(await state(second, all)).toBe('Pending');
    expect((await events('EC2 State Manager Instance Association State Change')).filter((detail) => detail['association-id'] === all && detail['instance-id'] === first)).toMatchObject([{ 'execution-summary': 'Overridden By Explicit Inventory Association' }]);
  });

  test('nobody: it stays pending', async () => {
    const id = await create({ Targets: [{ Key: 'tag:none', Values: ['such'] }] });
    expect(await overview(id)).toEqual({ Status: 'Pending', DetailedStatus: 'Pending', AssociationStatusAggregatedCount: {} });
  });

  test('many nodes, every one once, and the counters right however many report at once', async () => {
    const nodes: string[] = [];
    for (let place = 0; place < 75; place++) nodes.push(await register(place * 7919));
    const id = await create();
    for (const node of nodes) expect(await refreshes(node)).toHaveLength(1);
    expect(await overview(id)).toMatchObject({ AssociationStatusAggregatedCount: { Pending: 75 } });
    await Promise.all(nodes.map((node, place) => tell(node, id, place % 5 === 0 ? 'Failed' : 'Success')));
    expect(await overview(id)).toEqual({ Status: 'Failed', DetailedStatus: 'Failed', AssociationStatusAggregatedCount: { Success: 60, Failed: 15 } });
  });
});

describe('rate control', () => {
  async function online(count: number): Promise<string[]> {
    const nodes: string[] = [];
    for (let place = 1; place <= count; place++) nodes.push(await register(place));
    return nodes;
  }
  const given = async (nodes: readonly string[]) => (await Promise.all(nodes.map(async (node) => ((await refreshes(node)).length > 0 ? [node] : [])))).flat();

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

describe('what is refused', () => {
  beforeEach(() => register(1));
  const base = { Name: 'AWS-RunShellScript', Parameters: { commands: ['true'] }, Targets: everyNode };
  test.each<[string, object, string]>([
    ['no such document', { Name: 'Nothing' }, 'InvalidDocument'],
    ['no such version', { DocumentVersion: '7' }, 'InvalidDocumentVersion'],
    ['a parameter missing', { Parameters: {} }, 'InvalidParameters'],
    ['a schedule that is none', { ScheduleExpression: 'often' }, 'InvalidSchedule'],
    ['no targets', { Targets: [] }, 'InvalidTarget'],
    ['a target key that is none', { Targets: [{ Key: 'colour', Values: ['red'] }] }, 'InvalidTarget'],
    ['targets and a node', { InstanceId: nodeName(1) }, 'InvalidTarget'],
    ['what is no id', { Targets: [{ Key: 'InstanceIds', Values: ['web-1'] }] }, 'InvalidInstanceId'],
    ['TargetMaps', { TargetMaps: [{ a: ['b'] }] }, 'InvalidTargetMaps'],
    ['calendars', { CalendarNames: ['a'] }, 'ValidationException'],
    ['a bucket that is none', { OutputLocation: { S3Location: { OutputS3BucketName: 'No Bucket' } } }, 'InvalidOutputLocation'],
    ['the old form with a schedule', { Targets: undefined, InstanceId: nodeName(1), ScheduleExpression: 'rate(1 hour)' }, 'InvalidParameters'],
    ['the old form with a new document', { Name: 'AWS-RunDocument', Parameters: { sourceType: ['S3'], sourceInfo: ['{}'] }, Targets: undefined, InstanceId: nodeName(1) }, 'InvalidParameters'],
    ['the old form with no such node', { Targets: undefined, InstanceId: nodeName(9) }, 'InvalidInstanceId'],
  ])('%s', async (_name, more, code) => {
    await expect(call('CreateAssociation', { ...base, ...more })).rejects.toThrow(refusal(code));
  });

  test('a document that cannot run on the one node that is named', async () => {
    const windows = await register(2, {}, 'Windows');
    await expect(call('CreateAssociation', { ...base, Targets: [{ Key: 'InstanceIds', Values: [windows] }] })).rejects.toThrow(refusal('UnsupportedPlatformType'));
  });

  test('the old form: one a document and node, found and deleted by both', async () => {
    const old = { Name: 'AWS-RunShellScript', Parameters: { commands: ['true'] }, InstanceId: nodeName(1) };
    await call('CreateAssociation', old);
    await expect(call('CreateAssociation', old)).rejects.toThrow(refusal('AssociationAlreadyExists'));
    expect((await call('DescribeAssociation', { Name: old.Name, InstanceId: old.InstanceId })).AssociationDescription).toMatchObject({ InstanceId: old.InstanceId });
    await call('DeleteAssociation', { Name: old.Name, InstanceId: old.InstanceId });
    await call('CreateAssociation', old);
  });
});

test('a document that was deleted: the run fails, and says so', async () => {
  const content = JSON.stringify({ schemaVersion: '2.2', mainSteps: [{ action: 'aws:runShellScript', name: 'a', inputs: { runCommand: ['true'] } }] });
  await documents.CreateDocument({ Name: 'Mine', Content: content }, flotilla.as());
  const node = await register(1);
  const id = await create({ Name: 'Mine', Parameters: {}, ScheduleExpression: 'rate(30 minutes)' });
  await tell(node, id, 'Success');
  await documents.DeleteDocument({ Name: 'Mine' }, flotilla.as());
  await later(30 * minutes);
  expect(await overview(id)).toMatchObject({ Status: 'Failed', DetailedStatus: 'Failed' });
  expect(await listed(node)).toEqual([]);
});

test('the list, its filters and pages', async () => {
  const node = await register(1, { env: 'prod' });
  const ids = [await create({ AssociationName: 'one' }), await create({ Targets: [{ Key: 'tag:env', Values: ['test'] }] }), await create({ Name: 'AWS-GatherSoftwareInventory', Parameters: {} })].sort();
  const found = async (key: string, value: string) => (await call('ListAssociations', { AssociationFilterList: [{ key, value }] })).Associations!.map(({ AssociationId }) => AssociationId);
  const names = async (input: object) => (await call('ListAssociations', input)).Associations!.map(({ AssociationId }) => AssociationId);
  expect(await names({})).toEqual(ids);
  expect(await found('AssociationName', 'one')).toHaveLength(1);
  expect(await found('Name', 'AWS-GatherSoftwareInventory')).toHaveLength(1);
  expect(await found('InstanceId', node)).toHaveLength(2);
  expect(await found('AssociationId', ids[1]!)).toEqual([ids[1]]);
  expect(await found('AssociationStatusName', 'Success')).toEqual([]);
  expect(await found('LastExecutedBefore', '2026-01-05T09:00:00Z')).toEqual([]);
  expect(await found('LastExecutedAfter', '2026-01-05T08:59:59Z')).toHaveLength(3);
  await expect(found('Colour', 'red')).rejects.toThrow(refusal('InvalidFilterKey'));
  const first = await call('ListAssociations', { MaxResults: 2 });
  expect(await names({ MaxResults: 2, NextToken: first.NextToken })).toEqual(ids.slice(2));
});
