/** A command that an earlier version has begun, with its rows and its timers, comes to its end after an upgrade. */
import { expect, test } from 'vitest';
import { scheduleTimer } from '../../../../core/timers.ts';
import { fireDueTimers } from '../../../support/fire-due-timers.ts';
import { timersLeft } from '../../../support/timers.ts';
import {
  command,
  flotilla,
  invocation,
  nodeName,
  registerNodes,
  reply,
  report,
  send,
  settle,
  step,
  useFlotilla,
} from './commands-fixture.ts';

useFlotilla();

const commandId = '11111111-1111-4111-8111-111111111111';

/** The rows as they were: counters' news, results inside the invocations, a timer a purpose. */
async function begunBefore(nodes: readonly string[]): Promise<void> {
  const { state, clock } = flotilla;
  const now = clock.now();
  const sent = await send({ InstanceIds: nodes, MaxErrors: '100%' });
  const pk = `COMMAND#${sent.Command!.CommandId!}`;
  const today = (await state.get<Record<string, unknown>>({ pk, sk: 'COMMAND' }, { shape: 2 }))!.body;
  const { lookAt: _lookAt, deltaShards: _shards, ...common } = today;
  await state.write({
    put: { pk: `COMMAND#${commandId}`, sk: 'COMMAND' },
    body: {
      ...common,
      commandId,
      newsShards: 1,
      state: 'InProgress',
      started: nodes.length,
      acknowledged: nodes.length - 1,
      expiresAt: now + 100_000,
    },
  });
  for (const nodeId of nodes) {
    const place = { pk: `INVOCATION#${commandId}#${Number.parseInt(nodeId.slice(-1), 16)}`, sk: nodeId };
    const like = (await state.get<Record<string, unknown>>({
      pk: place.pk.replace(commandId, sent.Command!.CommandId!),
      sk: nodeId,
    }))!.body;
    const result = {
      name: step,
      action: step,
      place: 0,
      state: 'InProgress',
      responseCode: -1,
      output: 'so far',
      standardOutput: 'so far',
      standardError: '',
      s3Bucket: '',
      s3Prefix: '',
      s3StepName: '',
    };
    const over = nodeId === nodes[0];
    await state.write({
      put: place,
      body: {
        ...like,
        commandId,
        newsShards: 1,
        state: over ? 'Success' : 'InProgress',
        started: true,
        acknowledged: true,
        result: over ? { ...result, state: 'Success', responseCode: 0 } : result,
      },
    });
  }
  // What its process had taken in and not counted.
  await state.write({
    put: { pk: `NEWS#${commandId}#0`, sk: `${nodes[0]}#ended` },
    body: { nodeId: nodes[0], kind: 'ended', state: 'Success', started: true, first: true },
  });
  const timer = (kind: string, due: number) =>
    scheduleTimer({ id: `${kind}#${commandId}`, kind, key: commandId, due, payload: {} });
  await state.transact([timer('progress-command', now + 2_000), timer('cancel-command', now + 3_000)]);
}

test('what was reported before the upgrade counts, what is reported after it too, and the rest times out', async () => {
  const nodes = await registerNodes(3);
  await begunBefore(nodes);
  expect(await invocation(commandId, nodes[0]!)).toMatchObject({ Status: 'Success', StandardOutputContent: 'so far' });
  await reply(commandId, nodes[1]!, report('InProgress', -1, 'so far, and more'));
  expect((await invocation(commandId, nodes[1]!)).StandardOutputContent).toBe('so far, and more');
  await reply(commandId, nodes[1]!, report('Failed', 3, 'so far, and more, and over'));
  await settle(commandId);
  expect(await command(commandId)).toMatchObject({ Status: 'InProgress', CompletedCount: 2, ErrorCount: 1 });
  for (let rest = 15; rest > 0; rest--) {
    flotilla.clock.advance(10_000);
    await fireDueTimers(flotilla.context);
  }
  expect(await command(commandId)).toMatchObject({ CompletedCount: 3, DeliveryTimedOutCount: 1 });
  expect((await timersLeft(flotilla.state)).filter(({ key }) => key === commandId)).toEqual([]);
});

test('a command whose targets were still being found is found and started by its old timer', async () => {
  const nodes = await registerNodes(2, { Role: 'web' });
  const { state, clock } = flotilla;
  const sent = (await send({ Targets: [{ Key: 'tag:Role', Values: ['web'] }] })).Command!.CommandId!;
  const key = { pk: `COMMAND#${sent}`, sk: 'COMMAND' };
  const { lookAt: _lookAt, ...body } = (await state.get<Record<string, unknown>>(key, { shape: 2 }))!.body;
  await state.write({
    put: { pk: `COMMAND#${commandId}`, sk: 'COMMAND' },
    body: { ...body, commandId, newsShards: 16 },
  });
  const id = `spread-command#${commandId}`;
  await state.write(scheduleTimer({ id, kind: 'spread-command', key: commandId, due: clock.now(), payload: {} }));
  await fireDueTimers(flotilla.context);
  for (const nodeId of [...nodes, nodeName(0)]) await reply(commandId, nodeId, report('Success', 0));
  await settle(commandId);
  expect(await command(commandId)).toMatchObject({ TargetCount: 2, CompletedCount: 2, Status: 'Success' });
  expect((await timersLeft(state)).filter((timer) => timer.key === commandId)).toEqual([]);
});
