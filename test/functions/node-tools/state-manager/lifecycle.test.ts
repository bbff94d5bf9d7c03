/** The life of an association on one node. */
import { describe, expect, test } from 'vitest';
import { StateUnavailable } from '../../../../core/state.ts';
import { room as documentsRoom } from '../../../../functions/change-management/documents/room.ts';
import { fireTimer } from '../../../../functions/clock/fire-timer.ts';
import { room as stateManagerRoom } from '../../../../functions/node-tools/state-manager/room.ts';
import { runKind } from '../../../../functions/node-tools/state-manager/timers.ts';
import { timersLeft } from '../../../support/timers.ts';
import {
  asNode,
  call,
  create,
  events,
  everyNode,
  fireTimers,
  flotilla,
  later,
  listed,
  minutes,
  overview,
  refreshes,
  refusal,
  register,
  rendered,
  settle,
  tell,
} from './state-manager-fixture.ts';

const documents = documentsRoom.operations.ssm;
const { agentOperations, timers } = stateManagerRoom;

describe('one node', () => {
  test('made: the node is woken for it at once, runs it, and the association succeeds', async () => {
    const node = await register(1);
    const made = await call('CreateAssociation', {
      Name: 'AWS-RunShellScript',
      AssociationName: 'keep',
      Parameters: { commands: ['true'] },
      Targets: everyNode,
      ScheduleExpression: 'rate(1 hour)',
    });
    expect(made.AssociationDescription).toMatchObject({
      AssociationVersion: '1',
      Overview: { Status: 'Pending', DetailedStatus: 'Creating' },
      ScheduleExpression: 'rate(1 hour)',
    });
    const id = made.AssociationDescription!.AssociationId!;
    await settle(id);

    expect(await rendered(node)).toMatchObject([
      {
        DocumentName: 'AWS-RefreshAssociation',
        Parameters: { associationIds: [id] },
        CloudWatchOutputEnabled: 'false',
      },
    ]);
    const [message] = await refreshes(node);
    expect(message!.messageId).toMatch(new RegExp(`^aws\\.ssm\\.[0-9a-f-]{36}\\.${node}$`));

    const [association] = await listed(node);
    expect(association).toMatchObject({
      AssociationId: id,
      InstanceId: node,
      Name: 'AWS-RunShellScript',
      DocumentVersion: '1',
      AssociationVersion: '1',
      DetailedStatus: 'Pending',
      Parameters: { commands: ['true'] },
    });
    expect(association!.Checksum).toMatch(/^[0-9a-f]{64}$/);
    expect(association).not.toHaveProperty('ScheduleExpression');
    expect(await overview(id)).toEqual({
      Status: 'Pending',
      DetailedStatus: 'InProgress',
      AssociationStatusAggregatedCount: { Pending: 1 },
    });

    await tell(node, id, 'Pending');
    await tell(node, id, 'InProgress');
    expect(await rendered(node)).toEqual([]);
    await tell(node, id, 'Success', {
      ExecutionSummary: '1 out of 1 plugin processed',
      ErrorCode: '',
      ExecutionDate: new Date(flotilla.clock.now()),
    });
    expect(await overview(id)).toEqual({
      Status: 'Success',
      DetailedStatus: 'Success',
      AssociationStatusAggregatedCount: { Success: 1 },
    });
    expect(await listed(node)).toMatchObject([
      { DetailedStatus: 'Success', LastExecutionDate: new Date(flotilla.clock.now()) },
    ]);

    expect(
      (await events('EC2 State Manager Instance Association State Change')).map(
        (detail) => `${detail.status} ${detail['detailed-status']}`,
      ),
    ).toEqual(['Pending Pending', 'Pending InProgress', 'Success Success']);
    expect((await events('EC2 State Manager Association State Change')).map(({ status }) => status)).toEqual([
      'Pending',
      'Pending',
      'Success',
    ]);
    expect((await events('EC2 State Manager Association State Change')).at(-1)).toMatchObject({
      'association-name': 'keep',
      'document-version': 'Optional.empty',
      targets: '[{"key":"InstanceIds","values":["*"]}]',
      'association-status-aggregated-count': '{"Success":1}',
      'schedule-expression': 'rate(1 hour)',
    });
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
    const executions = await flotilla.state.query({ pk: `ASSOCIATION-EXECUTIONS#${id}`, shape: 2 });
    expect(executions.rows).toHaveLength(2);
    await later(29 * minutes);
    expect((await flotilla.state.query({ pk: `ASSOCIATION-EXECUTIONS#${id}`, shape: 2 })).rows).toHaveLength(2);
  });

  test('a run that could not begin begins when the store takes writes again', async () => {
    const node = await register(1);
    const id = await create({ ScheduleExpression: 'rate(30 minutes)' });
    await tell(node, id, 'Success');
    await settle(id);
    const due = flotilla.clock.now() + 30 * minutes;
    flotilla.clock.advance(30 * minutes);
    const full = new Proxy(flotilla.state, {
      get: (state, member) =>
        member === 'transact'
          ? (writes: { update?: { pk: string } }[]) =>
              writes[0]?.update?.pk.startsWith('ASSOCIATION#')
                ? Promise.reject(new StateUnavailable('disk full'))
                : state.transact(writes as never)
          : (Reflect.get(state, member) as (...given: never[]) => unknown).bind(state),
    });
    expect(await fireTimer({ id: `run-association#${id}`, due }, timers, { ...flotilla.context, state: full })).toBe(
      'failed',
    );
    expect(await listed(node)).toMatchObject([{ DetailedStatus: 'Success' }]);
    await later(1000);
    await settle(id);
    expect(await listed(node)).toMatchObject([{ DetailedStatus: 'Pending' }]);
    expect((await flotilla.state.query({ pk: `ASSOCIATION-EXECUTIONS#${id}`, shape: 2 })).rows).toHaveLength(2);
  });

  test('reports late, twice and out of order', async () => {
    const node = await register(1);
    const id = await create();
    for (const status of ['InProgress', 'Success', 'InProgress', 'Pending', 'Success', 'InProgress'])
      await tell(node, id, status);
    expect(await listed(node)).toMatchObject([{ DetailedStatus: 'Success' }]);
    expect(await overview(id)).toEqual({
      Status: 'Success',
      DetailedStatus: 'Success',
      AssociationStatusAggregatedCount: { Success: 1 },
    });
    // The node ran it once more by itself, and it failed: one node, not two.
    await tell(node, id, 'Failed');
    expect(await overview(id)).toEqual({
      Status: 'Failed',
      DetailedStatus: 'Failed',
      AssociationStatusAggregatedCount: { Failed: 1 },
    });
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
    await expect(
      call('StartAssociationsOnce', { AssociationIds: [id, '00000000-0000-4000-8000-000000000000'] }),
    ).rejects.toThrow(refusal('AssociationDoesNotExist'));
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
    await expect(call('DescribeAssociation', { AssociationId: id })).rejects.toThrow(
      refusal('AssociationDoesNotExist'),
    );
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
    await expect(
      agentOperations.ListInstanceAssociations({ InstanceId: node }, flotilla.as(asNode(other))),
    ).rejects.toThrow(refusal('AccessDeniedException'));
    await expect(agentOperations.ListInstanceAssociations({ InstanceId: node }, flotilla.as())).rejects.toThrow(
      refusal('AccessDeniedException'),
    );
    await expect(
      agentOperations.UpdateInstanceAssociationStatus(
        { AssociationId: id, InstanceId: node, ExecutionResult: { Status: 'Success' } },
        flotilla.as(asNode(other)),
      ),
    ).rejects.toThrow(refusal('AccessDeniedException'));
  });
});

test('a document that was deleted: the run fails, and says so', async () => {
  const content = JSON.stringify({
    schemaVersion: '2.2',
    mainSteps: [{ action: 'aws:runShellScript', name: 'a', inputs: { runCommand: ['true'] } }],
  });
  await documents.CreateDocument({ Name: 'Mine', Content: content }, flotilla.as());
  const node = await register(1);
  const id = await create({ Name: 'Mine', Parameters: {}, ScheduleExpression: 'rate(30 minutes)' });
  await tell(node, id, 'Success');
  await documents.DeleteDocument({ Name: 'Mine' }, flotilla.as());
  await later(30 * minutes);
  expect(await overview(id)).toMatchObject({ Status: 'Failed', DetailedStatus: 'Failed' });
  expect(await listed(node)).toEqual([]);
});

test('a timer of a run that is past leaves the timer of the next one', async () => {
  const id = await create({ ScheduleExpression: 'rate(1 hour)' });
  const runTimers = async () =>
    (await timersLeft(flotilla.state)).filter(({ kind, key }) => kind === runKind && key === id);
  const [next] = await runTimers();
  // It came again after a failure, at the very time of the next run.
  await timers[runKind]({ ...next!, payload: { due: next!.due - 60 * minutes } }, flotilla.context);
  expect(await runTimers()).toEqual([next]);
});
