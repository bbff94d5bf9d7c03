/**
 * A node's life, told in events: what leaves Flotilla keeps to its schema, every transition is told, none
 * that did not happen is, and the routes do their work. AWS's own client, a real gateway, the real routes.
 */
import {
  CancelCommandCommand,
  CreateAssociationCommand,
  DeregisterManagedInstanceCommand,
  GetCommandInvocationCommand,
  SendCommandCommand,
} from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { EventBridgeEvent } from '../../core/events.ts';
import { routes } from '../../events/routes.ts';
import { startDispatcher, type Loop } from '../../local/dispatcher.ts';
import { NodeClient } from '../functions/gateway/gateway-fixture.ts';
import { expectValidEvent, schemaNames, schemaOf } from '../support/events.ts';
import { loadGuarded } from '../support/guarded.ts';
import { recordingRoute, type Recording } from '../support/recording-route.ts';
import { newIdentity, signedByNode } from '../support/node-identity.ts';
import { Machine, openNodeFixture, type NodeFixture } from './node-fixture.ts';

let fixture: NodeFixture;
let dispatcher: Loop;
let recording: Recording;
beforeEach(async () => {
  fixture = await openNodeFixture();
  recording = recordingRoute({ detailTypes: schemaNames.map((name) => (schemaOf(name) as { title: string }).title) });
  dispatcher = startDispatcher({
    state: fixture.state,
    routes: [...routes, recording.route],
    load: loadGuarded,
    context: fixture.context,
  });
});
afterEach(async () => {
  await dispatcher.stop();
  await fixture.close();
});

/** What was told of a kind, as one member of the detail says it. */
const told = (detailType: string, member: string): unknown[] =>
  recording.events
    .filter((event) => event['detail-type'] === detailType)
    .map(({ detail }) => (detail as Record<string, unknown>)[member]);
const command = 'EC2 Command Status-change Notification';
const invocation = 'EC2 Command Invocation Status-change Notification';

async function connect(machine: Machine) {
  const credentials = await machine.credentials();
  expect(
    (
      await machine.ssm(
        'UpdateInstanceInformation',
        { InstanceId: machine.nodeId, AgentName: 'amazon-ssm-agent', AgentVersion: '3.3.0.0', PlatformType: 'Linux' },
        credentials,
      )
    ).status,
  ).toBe(200);
  return { credentials, channel: await new NodeClient(fixture, machine.nodeId, credentials).connect() };
}

function eachOnce(events: readonly EventBridgeEvent[]): void {
  const ids = events.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
}

test('from registration to deregistration', async () => {
  const machine = await Machine.registered(fixture);
  const { channel, credentials } = await connect(machine);
  await vi.waitFor(() => expect(told('SSM Managed Instance Registration', 'instance-id')).toEqual([machine.nodeId]));

  // A command that runs.
  const sent = await fixture.client.send(
    new SendCommandCommand({
      DocumentName: 'AWS-RunShellScript',
      InstanceIds: [machine.nodeId],
      Parameters: { commands: ['true'] },
    }),
  );
  const job = await channel.next();
  channel.acknowledge(job);
  await vi.waitFor(() => expect(told(invocation, 'status')).toEqual(['InProgress']));
  const step = {
    status: 'Success',
    code: 0,
    name: 'aws:runShellScript',
    output: 'done',
    standardOutput: 'done',
    standardError: '',
    startDateTime: '2026-01-05T09:00:00Z',
    endDateTime: '2026-01-05T09:00:02Z',
  };
  channel.reply(job.json['JobId'] ?? '', {
    documentStatus: 'Success',
    documentTraceOutput: '',
    runtimeStatus: { 'aws:runShellScript': step },
  });
  expect(await channel.next()).toMatchObject({ messageType: 'agent_job_reply_ack' });
  await vi.waitFor(() => expect(told(command, 'status')).toEqual(['InProgress', 'Success']));
  expect(told(invocation, 'status')).toEqual(['InProgress', 'Success']);
  expect(recording.events.find((event) => event['detail-type'] === command)?.detail).toMatchObject({
    'command-id': sent.Command?.CommandId,
    'document-name': 'AWS-RunShellScript',
    parameters: { commands: ['true'] },
  });

  // One that is cancelled before its node has it.
  channel.socket.close();
  await channel.closed;
  const cancelled = await fixture.client.send(
    new SendCommandCommand({
      DocumentName: 'AWS-RunShellScript',
      InstanceIds: [machine.nodeId],
      Parameters: { commands: ['true'] },
    }),
  );
  await fixture.client.send(new CancelCommandCommand({ CommandId: cancelled.Command?.CommandId }));
  await vi.waitFor(() => expect(told(command, 'status').at(-1)).toBe('Canceled'));

  // An association, told of on the whole and on the node.
  await fixture.client.send(
    new CreateAssociationCommand({
      Name: 'AWS-RunShellScript',
      Parameters: { commands: ['true'] },
      Targets: [{ Key: 'InstanceIds', Values: [machine.nodeId] }],
    }),
  );
  await vi.waitFor(() =>
    expect(told('EC2 State Manager Instance Association State Change', 'status')).toContain('Pending'),
  );

  // A new key pair.
  const { publicKey } = newIdentity();
  const body = { NewPublicKey: publicKey, NewPublicKeyType: 'Rsa' };
  const { headers } = signedByNode({
    nodeId: machine.nodeId,
    privateKey: machine.identity.privateKey,
    operation: 'UpdateManagedInstancePublicKey',
    body,
    host: `127.0.0.1:${fixture.port}`,
  });
  expect((await machine.post(headers, body)).status).toBe(200);
  await vi.waitFor(() =>
    expect(told('SSM Managed Instance Public Key Update', 'instance-id')).toEqual([machine.nodeId]),
  );

  // Lost, then gone: what still waits for it is undeliverable, by a route.
  fixture.clock.advance(20 * 60_000);
  await vi.waitFor(() => expect(told('Flotilla Node Connection Change', 'status').at(-1)).toBe('ConnectionLost'));
  const last = await fixture.client.send(
    new SendCommandCommand({
      DocumentName: 'AWS-RunShellScript',
      InstanceIds: [machine.nodeId],
      Parameters: { commands: ['true'] },
    }),
  );
  await fixture.client.send(new DeregisterManagedInstanceCommand({ InstanceId: machine.nodeId }));
  await vi.waitFor(async () =>
    expect(
      await fixture.client.send(
        new GetCommandInvocationCommand({ CommandId: last.Command?.CommandId, InstanceId: machine.nodeId }),
      ),
    ).toMatchObject({ StatusDetails: 'Undeliverable' }),
  );
  await dispatcher.idle();
  expect(told('SSM Managed Instance Deregistration', 'instance-id')).toEqual([machine.nodeId]);

  // Refused calls are on record too.
  await expect(
    fixture.client.send(new DeregisterManagedInstanceCommand({ InstanceId: machine.nodeId })),
  ).rejects.toThrow();
  await dispatcher.idle();
  expect(told('AWS API Call via CloudTrail', 'eventName')).toEqual(
    expect.arrayContaining([
      'CreateActivation',
      'SendCommand',
      'CancelCommand',
      'CreateAssociation',
      'DeregisterManagedInstance',
    ]),
  );
  expect(told('AWS API Call via CloudTrail', 'errorCode').filter((code) => code !== undefined)).toHaveLength(1);

  for (const event of recording.events) expectValidEvent(event);
  eachOnce(recording.events);
  expect(credentials.accessKeyId).toMatch(/^ASIA/);
  expect(await fixture.state.readChanges(0, 10)).toEqual([]);
});
