/** What taking in a node's reports costs on DynamoDB. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Context } from '../../../../core/context.ts';
import { recordDelivery, recordReply } from '../../../../functions/node-tools/run-command/index.ts';
import { commandMessageId } from '../../../../functions/node-tools/run-command/messages.ts';
import { room } from '../../../../functions/node-tools/run-command/room.ts';
import { recordPing, writeNode } from '../../../../functions/nodes/index.ts';
import { testContext, type TestContext } from '../../../support/context.ts';
import { MemoryState } from '../../../support/memory-state.ts';
import { nodeName, report } from './commands-fixture.ts';

const node = nodeName(1);
let flotilla: TestContext;
let state: MemoryState;
let context: Context;
let commandId: string;

beforeEach(async () => {
  flotilla = testContext();
  state = new MemoryState(flotilla.clock);
  context = { ...flotilla.context, state };
  await state.transact(
    writeNode({
      node: { nodeId: node, registeredAt: 0, activationId: 'a', iamRole: 'r', name: 'n' },
      identity: { publicKey: '', publicKeyType: 'Rsa' },
      tags: {},
      events: [],
    }),
  );
  await recordPing(context, node, { agentName: 'a', agentVersion: '1.0.0.0', platformType: 'Linux' });
  const sent = await room.operations.ssm.SendCommand(
    { DocumentName: 'AWS-RunShellScript', Parameters: { commands: ['true'] }, InstanceIds: [node] },
    { ...flotilla.as(), state },
  );
  commandId = sent.Command!.CommandId!;
  await recordDelivery({ nodeId: node, messageId: commandMessageId(commandId, node) }, context);
  await context.background.settled();
});
afterEach(() => flotilla.close());

/** As agents report: `output` is the first 2,500 characters. */
async function tell(status: string, output: string): Promise<{ units: number; transactions: number }> {
  const { writeUnits } = state;
  const { transact } = state.calls;
  const payload = report(status, status === 'Success' ? 0 : -1, output);
  const [step] = Object.values(payload.runtimeStatus);
  step!.output = output.slice(0, 2_500);
  await recordReply({ nodeId: node, messageId: commandMessageId(commandId, node), payload }, context);
  await context.background.settled();
  return { units: state.writeUnits - writeUnits, transactions: state.calls.transact - transact };
}

const output = async () =>
  room.operations.ssm.GetCommandInvocation({ CommandId: commandId, InstanceId: node }, { ...flotilla.as(), state });

test('an interim report of 24 KB costs 24 write units and no transaction', async () => {
  await tell('InProgress', 'x'.repeat(12_000));
  const text = 'x'.repeat(24_000);
  expect(await tell('InProgress', text)).toEqual({ units: 24, transactions: 0 });
  expect(await output()).toMatchObject({ Status: 'InProgress', StandardOutputContent: text });
  const listed = await room.operations.ssm.ListCommandInvocations(
    { CommandId: commandId, Details: true },
    { ...flotilla.as(), state },
  );
  expect(listed.CommandInvocations![0]!.CommandPlugins![0]!.Output).toBe(text.slice(0, 2_500));
});

test('a report that says nothing new writes nothing', async () => {
  await tell('InProgress', 'one');
  expect(await tell('InProgress', 'one')).toEqual({ units: 0, transactions: 0 });
});

test('a late interim report never takes the place of the last one', async () => {
  await tell('InProgress', 'on');
  await tell('Success', 'one');
  expect(await tell('InProgress', 'one, two, and three')).toEqual({ units: 0, transactions: 0 });
  expect(await output()).toMatchObject({ Status: 'Success', StandardOutputContent: 'one' });
});

test('of two reports at the same time, one interim, the last one stays', async () => {
  await Promise.all([tell('InProgress', 'longer than the end'), tell('Success', 'end')]);
  expect(await output()).toMatchObject({ Status: 'Success', StandardOutputContent: 'end' });
});
