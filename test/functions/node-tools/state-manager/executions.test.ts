/** Executions as jobs of the engine: one timer, steps that end in time, counters that survive a worker's death. */
import { describe, expect, test } from 'vitest';
import type { State } from '../../../../core/state.ts';
import { progressExecution } from '../../../../functions/node-tools/state-manager/execution-job.ts';
import { countingState } from '../../../support/counting-state.ts';
import { timersLeft } from '../../../support/timers.ts';
import {
  call,
  create,
  deliverEvents,
  everyNode,
  executionOf,
  fireTimers,
  flotilla,
  later,
  listed,
  minutes,
  nodeName,
  overview,
  refreshes,
  register,
  tell,
} from './state-manager-fixture.ts';

const looks = async () =>
  (await timersLeft(flotilla.state)).filter(({ kind }) => kind === 'progress-association').length;

/** Made, and not begun: the test takes its steps itself. */
async function createIdle(more: object = {}): Promise<string> {
  const idle = { ...flotilla.context.background, run: () => undefined, isAlone: false };
  const { AssociationDescription: made } = await call(
    'CreateAssociation',
    { Name: 'AWS-RunShellScript', Parameters: { commands: ['true'] }, Targets: everyNode, ...more },
    { background: idle },
  );
  return made!.AssociationId!;
}

describe('the timer that looks after an execution', () => {
  test('50 nodes join one that was over: there is one timer, and none once all are over', async () => {
    await register(0);
    const id = await create();
    await tell(nodeName(0), id, 'Success');
    expect(await overview(id)).toMatchObject({ Status: 'Success' });
    const joined: string[] = [];
    for (let place = 1; place <= 50; place++) joined.push(await register(place));
    await Promise.all(joined.map((node) => listed(node)));
    await flotilla.context.background.settled();
    expect(await overview(id)).toMatchObject({ AssociationStatusAggregatedCount: { Success: 1, Pending: 50 } });
    expect(await looks()).toBe(1);
    await later(minutes);
    expect(await looks()).toBe(1);
    await Promise.all(joined.map((node) => tell(node, id, 'Success')));
    expect(await overview(id)).toEqual({
      Status: 'Success',
      DetailedStatus: 'Success',
      AssociationStatusAggregatedCount: { Success: 51 },
    });
    for (let look = 0; look < 3; look++) await later(6 * minutes);
    expect(await looks()).toBe(0);
  });

  test('one that another takes the place of has none, whatever its nodes still report', async () => {
    const node = await register(1);
    const id = await create();
    const first = await executionOf(id);
    await tell(node, id, 'InProgress');
    await call('StartAssociationsOnce', { AssociationIds: [id] });
    await overview(id);
    expect(await looks()).toBe(1);
    await tell(node, id, 'Success');
    expect(await overview(id)).toMatchObject({ Status: 'Success', AssociationStatusAggregatedCount: { Success: 1 } });
    for (let look = 0; look < 3; look++) await later(6 * minutes);
    expect(await looks()).toBe(0);
    expect(
      (await flotilla.state.get<{ phase: string }>({ pk: `ASSOCIATION-EXECUTIONS#${id}`, sk: first }, { shape: 2 }))!
        .body.phase,
    ).toBe('done');
  });

  test('an association that is deleted has none', async () => {
    await register(1);
    const id = await create({ ScheduleExpression: 'rate(1 hour)' });
    await call('DeleteAssociation', { AssociationId: id });
    expect((await timersLeft(flotilla.state)).filter(({ kind }) => kind.endsWith('association'))).toEqual([]);
  });
});

describe('steps', () => {
  const nodes = 400;

  test('a fleet is gone through in calls that end in time, and each call reads as much as the one before', async () => {
    for (let place = 0; place < nodes; place++) await register(place);
    // A percentage needs the targets counted first: that is cut into steps too.
    const id = await createIdle({ MaxErrors: '50%' });
    const perCall: number[] = [];
    for (let calls = 0; calls < 100 && (await startedOn(id)) < nodes; calls++) {
      const { state, counted } = countingState(flotilla.state);
      flotilla.clock.advance(1000);
      await fireTimers({ ...flotilla.context, state, deadline: twoRounds() });
      perCall.push(counted.items);
      expect(await looks()).toBe(1);
    }
    expect(perCall.length).toBeGreaterThan(2);
    // Per round 75 nodes of some ten items; nothing that grows with what was done before.
    expect(Math.max(...perCall)).toBeLessThan(3 * 75 * 12);
    expect(await overview(id)).toMatchObject({ AssociationStatusAggregatedCount: { Pending: nodes } });
    for (const place of [0, 1, 74, 75, 299, nodes - 1]) expect(await refreshes(nodeName(place))).toHaveLength(1);
  });

  /** Time for two rounds of a job: each asks once before it begins. */
  function twoRounds() {
    let asked = 0;
    return { remaining: () => (asked++ < 3 ? Infinity : 0) };
  }

  const startedOn = async (id: string) => {
    const { AssociationDescription: found } = await call('DescribeAssociation', { AssociationId: id });
    return found!.Overview!.AssociationStatusAggregatedCount!['Pending'] ?? 0;
  };
});

test('a worker that dies between the nodes and the counters: every node is started once and counted once', async () => {
  for (let place = 0; place < 100; place++) await register(place);
  const id = await createIdle();
  const execution = { associationId: id, executionId: await executionOf(id) };
  for (const most of [10, 40, 51]) {
    let left = most;
    const dying = new Proxy<State>(flotilla.state, {
      get: (state, member) =>
        member === 'transact'
          ? (writes: Parameters<State['transact']>[0]) =>
              left-- > 0 ? state.transact(writes) : Promise.reject(new Error('killed'))
          : (Reflect.get(state, member) as (...given: never[]) => unknown).bind(state),
    });
    await expect(progressExecution(execution, { ...flotilla.context, state: dying })).rejects.toThrow('killed');
  }
  expect(await overview(id)).toMatchObject({ AssociationStatusAggregatedCount: { Pending: 100 } });
  for (let place = 0; place < 100; place++) expect(await refreshes(nodeName(place))).toHaveLength(1);
  await Promise.all(Array.from({ length: 100 }, (_, place) => tell(nodeName(place), id, 'Success')));
  expect(await overview(id)).toMatchObject({ Status: 'Success', AssociationStatusAggregatedCount: { Success: 100 } });
});

test('two workers of one execution, and the one after it: no node is started twice, nor by the older one again', async () => {
  for (let place = 0; place < 120; place++) await register(place);
  const id = await createIdle();
  const older = { associationId: id, executionId: await executionOf(id) };
  await Promise.all([
    progressExecution(older, flotilla.context),
    progressExecution(older, flotilla.context),
    call('StartAssociationsOnce', { AssociationIds: [id] }),
    progressExecution(older, flotilla.context),
  ]);
  expect(await overview(id)).toMatchObject({ AssociationStatusAggregatedCount: { Pending: 120 } });
  await progressExecution(older, flotilla.context);
  const newer = await executionOf(id);
  for (let place = 0; place < 120; place++) {
    expect(await refreshes(nodeName(place))).toMatchObject([{ reference: { executionId: newer } }]);
    await tell(nodeName(place), id, 'Success');
  }
  expect(await overview(id)).toMatchObject({ Status: 'Success', AssociationStatusAggregatedCount: { Success: 120 } });
});

test('MaxErrors in percent ends the execution, and a node that joins later is not started by it', async () => {
  const nodes: string[] = [];
  for (let place = 0; place < 10; place++) nodes.push(await register(place));
  const id = await create({ MaxConcurrency: '20%', MaxErrors: '10%' });
  await tell(nodes[0]!, id, 'Failed');
  expect(await overview(id)).toMatchObject({ Status: 'Failed', AssociationStatusAggregatedCount: { Failed: 1 } });
  await tell(nodes[1]!, id, 'Failed');
  expect(await overview(id)).toMatchObject({ AssociationStatusAggregatedCount: { Failed: 2, Pending: 1 } });
  const late = await register(99);
  await deliverEvents();
  expect(await listed(late)).toEqual([]);
});
