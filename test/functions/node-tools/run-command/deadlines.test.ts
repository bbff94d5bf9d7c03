/** A command whose every call is late: each does one step, and the next one goes on. */
import { expect, test } from 'vitest';
import { unfinished, type Timer } from '../../../../core/timers.ts';
import { fireTimer } from '../../../../functions/clock/fire-timer.ts';
import { handler as failUndeliverable } from '../../../../functions/node-tools/run-command/fail-undeliverable.ts';
import { handler as stopOnAlarm } from '../../../../functions/node-tools/run-command/stop-on-alarm.ts';
import { expectNothingRefused, guarded } from '../../../support/guarded.ts';
import { room } from '../../../../functions/node-tools/run-command/room.ts';
import { timersLeft } from '../../../support/timers.ts';
import { command, flotilla, invocation, registerNodes, send, useFlotilla } from './commands-fixture.ts';

useFlotilla();

const late = { remaining: () => 0 };

/** Calls the command's timer until it has armed another. @returns how many calls it took */
async function fire(commandId: string): Promise<number> {
  const timer: Timer = (await timersLeft(flotilla.state)).find(({ key }) => key === commandId)!;
  const handler = room.timers[timer.kind]!;
  for (let calls = 1; ; calls++)
    if ((await handler(timer, { ...flotilla.context, deadline: late })) !== unfinished) return calls;
}

test('a fleet is found, started and timed out in steps', async () => {
  const nodes = await registerNodes(600, { Role: 'web' });
  const id = (
    await send({
      Targets: [{ Key: 'tag:Role', Values: ['web'] }],
      MaxConcurrency: '100%',
      TimeoutSeconds: 30,
      Parameters: { commands: ['true'], executionTimeout: ['10'] },
    })
  ).Command!.CommandId!;
  // 485 nodes are looked up at once.
  expect(await fire(id)).toBeGreaterThan(1);
  expect(await command(id)).toMatchObject({ TargetCount: 600, CompletedCount: 0 });
  flotilla.clock.advance(41_000);
  // Deltas are counted forty at a time.
  expect(await fire(id)).toBeGreaterThan(600 / 40);
  expect(await command(id)).toMatchObject({ Status: 'TimedOut', CompletedCount: 600, DeliveryTimedOutCount: 600 });
  expect((await invocation(id, nodes[77]!)).StatusDetails).toBe('DeliveryTimedOut');
  expect((await timersLeft(flotilla.state)).filter(({ key }) => key === id)).toEqual([]);
});

test('who cancels a node of a fleet that is still being found is to try again, and then succeeds', async () => {
  const nodes = await registerNodes(600, { Role: 'web' });
  const id = (await send({ Targets: [{ Key: 'tag:Role', Values: ['web'] }] })).Command!.CommandId!;
  const cancel = () =>
    room.operations.ssm.CancelCommand(
      { CommandId: id, InstanceIds: [nodes.at(-1)!] },
      { ...flotilla.as(), deadline: late },
    );
  await expect(cancel()).rejects.toMatchObject({ code: 'InternalServerError' });
  await cancel();
  expect((await invocation(id, nodes.at(-1)!)).Status).toBe('Cancelled');
});

test('a node that is deregistered with many commands: a timer goes on where the event had to stop', async () => {
  const [node] = await registerNodes(1);
  const ids: string[] = [];
  for (let count = 0; count < 70; count++) ids.push((await send({ InstanceIds: [node] })).Command!.CommandId!);
  const undeliverable = async () => {
    const details = await Promise.all(ids.map(async (id) => (await invocation(id, node!)).StatusDetails));
    return details.filter((one) => one === 'Undeliverable').length;
  };
  await failUndeliverable({ detail: { 'instance-id': node! } } as never, { ...flotilla.context, deadline: late });
  // One transaction's.
  expect(await undeliverable()).toBe(33);
  const counts: number[] = [];
  for (;;) {
    const timer = (await timersLeft(flotilla.state)).find(({ kind }) => kind === 'fail-undeliverable');
    if (timer === undefined) break;
    await fireTimer(timer, room.timers, { ...guarded('fire-timers', flotilla.context), deadline: late });
    counts.push(await undeliverable());
  }
  expect(counts).toEqual([66, 70]);
  expectNothingRefused();
});

test('an alarm that stops many commands comes again where its time was too short', async () => {
  const nodes = await registerNodes(1);
  const named = { AlarmConfiguration: { Alarms: [{ Name: 'error-rate' }] } };
  const ids: string[] = [];
  for (let count = 0; count < 120; count++)
    ids.push((await send({ InstanceIds: nodes, ...named })).Command!.CommandId!);
  const event = { detail: { alarmName: 'error-rate', state: { value: 'ALARM' } } } as never;
  await expect(stopOnAlarm(event, { ...flotilla.context, deadline: late })).rejects.toThrow('not all stopped yet');
  await stopOnAlarm(event, flotilla.context);
  await flotilla.context.background.settled();
  for (const id of ids) expect((await command(id)).TriggeredAlarms).toHaveLength(1);
});
