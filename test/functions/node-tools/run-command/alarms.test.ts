/** Commands that name an alarm: asked before each wave, and stopped when it goes off. */
import { describe, expect, test } from 'vitest';
import type { AlarmState } from '../../../../core/alarms.ts';
import { alarmWrites } from '../../../../functions/alarms/index.ts';
import { room as runCommandRoom } from '../../../../functions/node-tools/run-command/room.ts';
import { handler as stopOnAlarm } from '../../../../functions/node-tools/run-command/stop-on-alarm.ts';
import {
  command,
  deliver,
  events,
  fireTimers,
  flotilla,
  invocation,
  registerNodes,
  reopen,
  reply,
  report,
  send,
  settle,
  useFlotilla,
  waiting,
} from './commands-fixture.ts';

const operations = runCommandRoom.operations.ssm;

useFlotilla();

const alarm = 'error-rate';
const named = (IgnorePollAlarmFailure?: boolean) => ({
  AlarmConfiguration: { Alarms: [{ Name: alarm }], IgnorePollAlarmFailure },
});
const detailOf = (value: AlarmState) => ({ alarmName: alarm, state: { value } });

/** As if it had been posted. */
async function says(value: AlarmState): Promise<void> {
  await flotilla.state.transact(
    alarmWrites({ source: 'aws.cloudwatch', detailType: 'CloudWatch Alarm State Change', detail: detailOf(value) }),
  );
}
const goesOff = () => stopOnAlarm({ detail: detailOf('ALARM') } as never, flotilla.context);

test('an alarm that is well lets a command run to its end, and is shown with it', async () => {
  await says('OK');
  const [node] = await registerNodes(1);
  const id = (await send({ InstanceIds: [node], ...named() })).Command!.CommandId!;
  await settle(id);
  await deliver(id, node!);
  await reply(id, node!, report('Success', 0));
  await settle(id);
  expect(await command(id)).toMatchObject({
    Status: 'Success',
    AlarmConfiguration: { Alarms: [{ Name: alarm }] },
    TriggeredAlarms: [],
  });
});

test('INSUFFICIENT_DATA is no alarm', async () => {
  await says('INSUFFICIENT_DATA');
  const [node] = await registerNodes(1);
  const id = (await send({ InstanceIds: [node], ...named() })).Command!.CommandId!;
  await settle(id);
  expect(await waiting([node!])).toEqual([node]);
});

test.each([
  ['InstanceIds', (nodes: string[]) => ({ InstanceIds: nodes })],
  ['Targets', () => ({ Targets: [{ Key: 'tag:Role', Values: ['web'] }] })],
])('an alarm that is off before the first wave lets nothing start (%s)', async (_by, target) => {
  await says('ALARM');
  const nodes = await registerNodes(3, { Role: 'web' });
  const id = (await send({ ...target(nodes), ...named() })).Command!.CommandId!;
  await fireTimers();
  await settle(id);
  expect(await waiting(nodes)).toEqual([]);
  expect(await command(id)).toMatchObject({
    Status: 'Cancelled',
    TargetCount: 3,
    CompletedCount: 3,
    TriggeredAlarms: [{ Name: alarm, State: 'ALARM' }],
  });
  expect(await events()).toContain('command Canceled');
});

test('between two waves nothing more starts, what runs is told to stop', async () => {
  await says('OK');
  const nodes = await registerNodes(5);
  const id = (await send({ InstanceIds: nodes, MaxConcurrency: '2', ...named() })).Command!.CommandId!;
  await settle(id);
  const [first] = await waiting(nodes);
  await deliver(id, first!);
  await settle(id);
  await says('ALARM');
  await settle(id);
  await fireTimers();
  await settle(id);
  expect((await invocation(id, first!)).Status).toBe('Cancelling');
  expect(await waiting(nodes, 'cancel')).toEqual([first]);
  expect(await waiting(nodes)).toEqual([]);
  await reply(id, first!, report('Cancelled', 137));
  await settle(id);
  expect(await command(id)).toMatchObject({
    Status: 'Cancelled',
    CompletedCount: 5,
    TriggeredAlarms: [{ Name: alarm, State: 'ALARM' }],
  });
});

test('the event stops what is under way though no wave is due, however often it comes; what is over stays', async () => {
  await says('OK');
  const [node, other] = await registerNodes(2);
  const over = (await send({ InstanceIds: [other], ...named() })).Command!.CommandId!;
  await settle(over);
  await deliver(over, other!);
  await reply(over, other!, report('Success', 0));
  await settle(over);
  const id = (await send({ InstanceIds: [node], ...named() })).Command!.CommandId!;
  const unconcerned = (await send({ InstanceIds: [other] })).Command!.CommandId!;
  await settle(id);
  await deliver(id, node!);
  await Promise.all([goesOff(), goesOff()]);
  await goesOff();
  await fireTimers();
  await settle(id);
  expect((await invocation(id, node!)).Status).toBe('Cancelling');
  expect(await waiting([node!], 'cancel')).toHaveLength(1);
  expect(await command(id)).toMatchObject({ Status: 'Cancelling', TriggeredAlarms: [{ Name: alarm, State: 'ALARM' }] });
  expect(await command(over)).toMatchObject({ Status: 'Success', TriggeredAlarms: [] });
  expect((await command(unconcerned)).Status).toBe('Pending');
});

describe('an alarm whose state cannot be had', () => {
  const cannotBeAsked = () => Promise.reject(new Error('CloudWatch is away'));

  test.each([
    ['nobody has heard of it', undefined],
    ['CloudWatch knows none of that name', { stateOf: () => Promise.resolve(undefined) }],
    ['CloudWatch cannot be asked', { stateOf: cannotBeAsked }],
  ])('stops the command as UNKNOWN, unless that is to be ignored: %s', async (_what, alarms) => {
    if (alarms !== undefined) await reopen({ alarms });
    const [node] = await registerNodes(1);
    const stopped = (await send({ InstanceIds: [node], ...named() })).Command!.CommandId!;
    await settle(stopped);
    expect(await command(stopped)).toMatchObject({
      Status: 'Cancelled',
      TriggeredAlarms: [{ Name: alarm, State: 'UNKNOWN' }],
    });
    const goesOn = (await send({ InstanceIds: [node], ...named(true) })).Command!.CommandId!;
    await settle(goesOn);
    expect(await waiting([node!])).toEqual([node]);
  });
});

test('a person who cancels is not an alarm', async () => {
  await says('OK');
  const [node] = await registerNodes(1);
  const CommandId = (await send({ InstanceIds: [node], ...named() })).Command!.CommandId!;
  await operations.CancelCommand({ CommandId }, flotilla.as());
  await goesOff();
  await settle(CommandId);
  expect(await command(CommandId)).toMatchObject({ Status: 'Cancelled', TriggeredAlarms: [] });
});
