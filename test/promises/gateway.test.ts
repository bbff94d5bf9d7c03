import {
  CancelCommandCommand,
  DeregisterManagedInstanceCommand,
  DescribeInstanceInformationCommand,
  GetCommandInvocationCommand,
  GetConnectionStatusCommand,
  SendCommandCommand,
  waitUntilCommandExecuted,
} from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { NodeClient, type TestChannel } from '../functions/gateway/gateway-fixture.ts';
import { Machine, openNodeFixture, type NodeFixture } from './node-fixture.ts';

let fixture: NodeFixture;
let machine: Machine;
let node: NodeClient;
beforeEach(async () => {
  fixture = await openNodeFixture();
  machine = await Machine.registered(fixture);
  const credentials = await machine.credentials();
  node = new NodeClient(fixture, machine.nodeId, credentials);
  await machine.ssm(
    'UpdateInstanceInformation',
    { InstanceId: machine.nodeId, PlatformType: 'Linux', PlatformName: 'Debian GNU/Linux', AgentVersion: '3.3.0.0' },
    credentials,
  );
});
afterEach(() => fixture.close());

const send = async (commands: string[]): Promise<string> => {
  const { Command } = await fixture.client.send(
    new SendCommandCommand({
      DocumentName: 'AWS-RunShellScript',
      InstanceIds: [machine.nodeId],
      Parameters: { commands },
    }),
  );
  return Command?.CommandId ?? '';
};
const invocation = (CommandId: string) =>
  fixture.client.send(new GetCommandInvocationCommand({ CommandId, InstanceId: machine.nodeId }));

/** The reports of a script that succeeded, as amazon-ssm-agent writes them. */
function reportsOf(output: string): { readonly step: object; readonly end: object } {
  const at = new Date().toISOString();
  const step = {
    status: 'Success',
    code: 0,
    name: 'aws:runShellScript',
    output,
    startDateTime: at,
    endDateTime: at,
    outputS3BucketName: '',
    outputS3KeyPrefix: '',
    stepName: '',
    standardOutput: output,
    standardError: '',
  };
  const common = {
    additionalInfo: {
      agent: { lang: 'en-US', name: 'amazon-ssm-agent', os: 'linux', osver: '1', ver: '3.3.0.0' },
      dateTime: at,
      runId: '',
      runtimeStatusCounts: { Success: 1 },
    },
    documentTraceOutput: '',
  };
  return {
    step: { ...common, documentStatus: 'InProgress', runtimeStatus: { 'aws:runShellScript': step } },
    end: { ...common, documentStatus: 'Success', runtimeStatus: { 'aws:runShellScript': step } },
  };
}

async function acknowledged(channel: TestChannel, id: string): Promise<void> {
  const frame = await channel.next();
  expect(frame).toMatchObject({ messageType: 'agent_job_reply_ack', json: { acknowledgedMessageId: id } });
}

describe('a command reaches a node and its result comes back', () => {
  test('over the control channel, though the last report comes before the one that says InProgress', async () => {
    const channel = await node.connect();
    await vi.waitFor(async () =>
      expect((await fixture.client.send(new GetConnectionStatusCommand({ Target: machine.nodeId }))).Status).toBe(
        'connected',
      ),
    );
    const commandId = await send(['echo hello']);
    const job = await channel.next();
    expect(job.json).toMatchObject({
      JobId: `aws.ssm.${commandId}.${machine.nodeId}`,
      Topic: `aws.ssm.sendCommand.us-east-1.${machine.nodeId}`,
    });
    expect(JSON.parse(job.json['Content'] ?? '')).toMatchObject({
      CommandId: commandId,
      DocumentName: 'AWS-RunShellScript',
      Parameters: { commands: ['echo hello'] },
    });
    channel.acknowledge(job);
    const { step, end } = reportsOf('hello\n');
    await acknowledged(channel, channel.reply(job.json['JobId'] ?? '', end));
    await acknowledged(channel, channel.reply(job.json['JobId'] ?? '', step));
    await waitUntilCommandExecuted(
      { client: fixture.client, maxWaitTime: 10, minDelay: 1, maxDelay: 1 },
      { CommandId: commandId, InstanceId: machine.nodeId },
    );
    expect(await invocation(commandId)).toMatchObject({
      Status: 'Success',
      ResponseCode: 0,
      StandardOutputContent: 'hello\n',
    });
  });

  test('over ec2messages', async () => {
    const commandId = await send(['echo hello']);
    const { Messages } = JSON.parse(
      (
        await node.messages('GetMessages', {
          Destination: machine.nodeId,
          MessagesRequestId: '1',
          VisibilityTimeoutInSeconds: 10,
        })
      ).body,
    ) as { Messages: { MessageId: string; Topic: string }[] };
    const MessageId = Messages[0]?.MessageId ?? '';
    expect(Messages[0]?.Topic).toBe(`aws.ssm.sendCommand.us-east-1.${machine.nodeId}`);
    const { step, end } = reportsOf('hello\n');
    await node.messages('SendReply', {
      MessageId,
      ReplyId: '1',
      Payload: JSON.stringify({ ...step, runtimeStatus: null }),
    });
    await node.messages('AcknowledgeMessage', { MessageId });
    await node.messages('SendReply', { MessageId, ReplyId: '2', Payload: JSON.stringify(step) });
    expect(await invocation(commandId)).toMatchObject({ Status: 'InProgress' });
    await node.messages('SendReply', { MessageId, ReplyId: '3', Payload: JSON.stringify(end) });
    expect(await invocation(commandId)).toMatchObject({ Status: 'Success', StandardOutputContent: 'hello\n' });
  });

  test('that was away when it was sent, once it connects', async () => {
    const commandId = await send(['true']);
    expect(await invocation(commandId)).toMatchObject({
      Status: expect.stringMatching(/^(Pending|InProgress)$/) as string,
    });
    const channel = await node.connect();
    const job = await channel.next();
    channel.acknowledge(job);
    await acknowledged(channel, channel.reply(job.json['JobId'] ?? '', reportsOf('').end));
    expect(await invocation(commandId)).toMatchObject({ Status: 'Success' });
  });

  test('and is cancelled by a job of its own', async () => {
    const channel = await node.connect();
    const commandId = await send(['sleep 100']);
    const job = await channel.next();
    channel.acknowledge(job);
    await vi.waitFor(async () => expect((await invocation(commandId)).Status).toBe('InProgress'));
    await fixture.client.send(new CancelCommandCommand({ CommandId: commandId }));
    const cancel = await channel.next();
    expect(cancel.json).toMatchObject({
      Topic: `aws.ssm.cancelCommand.us-east-1.${machine.nodeId}`,
      Content: JSON.stringify({ CancelMessageId: job.json['JobId'] }),
    });
    channel.acknowledge(cancel);
    await acknowledged(
      channel,
      channel.reply(cancel.json['JobId'] ?? '', {
        ...reportsOf('').end,
        documentStatus: 'InProgress',
        runtimeStatus: null,
      }),
    );
    await acknowledged(
      channel,
      channel.reply(job.json['JobId'] ?? '', { ...reportsOf('').end, documentStatus: 'Cancelled', runtimeStatus: {} }),
    );
    expect(await invocation(commandId)).toMatchObject({ Status: 'Cancelled' });
    // Neither message comes again when the node connects anew.
    const again = await node.connect();
    const next = await send(['true']);
    expect((await again.next()).json['JobId']).toContain(next);
  });

  test("that refuses it, as a failure with the agent's text", async () => {
    const channel = await node.connect();
    const commandId = await send(['true']);
    channel.acknowledge(await channel.next(), '51406');
    await vi.waitFor(async () => expect(await invocation(commandId)).toMatchObject({ Status: 'Failed' }));
  });
});

test('another node cannot end a command that is not its own', async () => {
  const channel = await node.connect();
  const commandId = await send(['true']);
  const job = await channel.next();
  const stranger = await Machine.registered(fixture);
  const foreign = await new NodeClient(fixture, stranger.nodeId, await stranger.credentials()).connect();
  foreign.reply(job.json['JobId'] ?? '', reportsOf('forged').end);
  // A report of its own, after it: the foreign one has been looked at.
  await acknowledged(foreign, foreign.reply(`aws.ssm.1.${stranger.nodeId}`, reportsOf('').end));
  expect(await invocation(commandId)).toMatchObject({ StandardOutputContent: '' });
  expect((await invocation(commandId)).Status).not.toBe('Success');
});

test('a node is Online while it is connected, and ConnectionLost a quarter of an hour after its last report', async () => {
  const status = async () =>
    (await fixture.client.send(new DescribeInstanceInformationCommand({}))).InstanceInformationList?.[0]?.PingStatus;
  const channel = await node.connect();
  await vi.waitFor(async () =>
    expect((await fixture.client.send(new GetConnectionStatusCommand({ Target: machine.nodeId }))).Status).toBe(
      'connected',
    ),
  );
  fixture.clock.advance(60 * 60_000);
  expect(await status()).toBe('Online');
  channel.socket.terminate();
  await vi.waitFor(async () => expect(await status()).toBe('ConnectionLost'));
});

test('a deregistered node loses its channel', async () => {
  const channel = await node.connect();
  await vi.waitFor(async () =>
    expect((await fixture.client.send(new GetConnectionStatusCommand({ Target: machine.nodeId }))).Status).toBe(
      'connected',
    ),
  );
  await fixture.client.send(new DeregisterManagedInstanceCommand({ InstanceId: machine.nodeId }));
  expect((await channel.closed).reason).toMatch(/deregistered/);
  expect((await node.createChannel()).status).toBe(403);
});
