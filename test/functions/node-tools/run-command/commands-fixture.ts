/** Commands on a real state file: the test plays the nodes and moves the clock. */
import type { TimerHandler } from '../../../../core/timers.ts';
import { afterEach, beforeEach } from 'vitest';
import type { Context } from '../../../../core/context.ts';
import { timerPartition, timerShards, type Timer } from '../../../../core/timers.ts';
import { recordDelivery, recordReply } from '../../../../functions/node-tools/run-command/index.ts';
import { commandMessageId } from '../../../../functions/node-tools/run-command/messages.ts';
import { room as runCommandRoom } from '../../../../functions/node-tools/run-command/room.ts';
import { progressJob } from '../../../../functions/fan-out/index.ts';
import { commandKind } from '../../../../functions/node-tools/run-command/command-job.ts';
import { pendingMessages, recordPing, writeNode } from '../../../../functions/nodes/index.ts';
import { testContext, type TestContext } from '../../../support/context.ts';
import { guarded } from '../../../support/guarded.ts';

const operations = runCommandRoom.operations.ssm;
const timers: Readonly<Record<string, TimerHandler>> = runCommandRoom.timers;

/** The state and clock of the test that runs. */
export let flotilla: TestContext;

/** Opens one for each test of the file. */
export function useFlotilla(): void {
  beforeEach(() => {
    flotilla = testContext();
  });
  afterEach(() => flotilla.close());
}

/** Another in its place, put together otherwise. */
export async function reopen(overrides: Partial<Context>): Promise<void> {
  await flotilla.close();
  flotilla = testContext(overrides);
}

export const nodeName = (place: number): string => `mi-${place.toString(16).padStart(17, '0')}`;

export async function registerNodes(
  count: number,
  tags: Record<string, string> = {},
  platformType = 'Linux',
): Promise<string[]> {
  const { context, clock } = flotilla;
  const ids = Array.from({ length: count }, (_, place) => nodeName(place));
  for (const nodeId of ids) {
    await context.state.transact(
      writeNode({
        node: { nodeId, registeredAt: clock.now(), activationId: 'a', iamRole: 'r', name: 'n' },
        identity: { publicKey: '', fingerprint: '' } as never,
        tags,
        events: [],
      }),
    );
    await recordPing(context, nodeId, { agentName: 'a', agentVersion: '1.0.0.0', platformType });
  }
  return ids;
}

export const send = (input: object) =>
  operations.SendCommand(
    { DocumentName: 'AWS-RunShellScript', Parameters: { commands: ['echo hi'] }, ...input },
    flotilla.as(),
  );
export const command = async (commandId: string) =>
  (await operations.ListCommands({ CommandId: commandId }, flotilla.as())).Commands![0]!;
export const invocation = (CommandId: string, InstanceId: string) =>
  operations.GetCommandInvocation({ CommandId, InstanceId }, flotilla.as());

/** Lets what runs in the background come to rest. */
export async function settle(commandId: string): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  await progressJob(commandKind, commandId, flotilla.context);
}

export const step = 'aws:runShellScript';
export const report = (status: string, code: number, output = '') => ({
  documentStatus: status,
  documentTraceOutput: '',
  runtimeStatus: {
    [step]: {
      status,
      code,
      name: step,
      output,
      standardOutput: output,
      standardError: '',
      startDateTime: '2026-01-05T09:00:00Z',
      endDateTime: '2026-01-05T09:00:02Z',
    },
  },
});

export const deliver = (commandId: string, nodeId: string) =>
  recordDelivery({ nodeId, messageId: commandMessageId(commandId, nodeId) }, guarded('gateway', flotilla.context));
export const reply = (commandId: string, nodeId: string, payload: unknown) =>
  recordReply(
    { nodeId, messageId: commandMessageId(commandId, nodeId), payload },
    guarded('gateway', flotilla.context),
  );

/** Which nodes have the command waiting in their mailbox. */
export async function waiting(nodeIds: readonly string[], kind = 'command'): Promise<string[]> {
  const found = [];
  for (const id of nodeIds)
    if ((await pendingMessages(flotilla.context, id)).some((message) => message.kind === kind)) found.push(id);
  return found;
}

export async function events(): Promise<string[]> {
  const changes = await flotilla.state.readChanges(0, 1000);
  return changes
    .filter(({ event }) => event.detailType.startsWith('EC2 Command'))
    .map(
      ({ event }) =>
        `${event.detailType.includes('Invocation') ? 'invocation' : 'command'} ${(event.detail as { status: string }).status}`,
    );
}

/** Fires the timers that are due, as the local loop and the tick do. */
export async function fireTimers(): Promise<void> {
  for (let shard = 0; shard < timerShards; shard++)
    for (const row of (await flotilla.state.query<Timer>({ pk: timerPartition(shard) })).rows) {
      const handler = timers[row.body.kind];
      if (handler !== undefined && row.body.due <= flotilla.clock.now())
        await handler(row.body, guarded('fire-timers', flotilla.context));
    }
}
