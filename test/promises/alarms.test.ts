/** A command that names an alarm, through AWS's own client, a real gateway and the routes: the event stops it. */
import { ListCommandsCommand, SendCommandCommand } from '@aws-sdk/client-ssm';
import { expect, test, vi } from 'vitest';
import { issueKey } from '../../core/access-keys.ts';
import { signRequest } from '../../core/sigv4/sign.ts';
import { routes } from '../../events/routes.ts';
import { startDispatcher } from '../../local/dispatcher.ts';
import { NodeClient } from '../functions/gateway/gateway-fixture.ts';
import { sampleOf } from '../support/events.ts';
import { loadGuarded } from '../support/guarded.ts';
import { Machine, openNodeFixture, type NodeFixture } from './node-fixture.ts';

async function post(fixture: NodeFixture, state: 'OK' | 'ALARM'): Promise<void> {
  const { writes, ...credentials } = await issueKey(fixture.context, {
    owner: { kind: 'person', name: 'monitor', role: 'operator' },
  });
  await fixture.state.transact(writes);
  const body = JSON.stringify({
    ...sampleOf('cloudwatch-alarm-state-change'),
    id: `now-${state}`,
    detail: { alarmName: 'error-rate', state: { value: state } },
  });
  const url = `http://127.0.0.1:${fixture.port}/x/events`;
  const headers = signRequest({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json' },
    body,
    credentials,
    region: 'us-east-1',
    service: 'flotilla',
  });
  delete headers['host'];
  expect((await fetch(url, { method: 'POST', headers, body })).status).toBe(200);
}

test('a command runs while its alarm is well, and is cancelled on its node when it goes off', async () => {
  const fixture = await openNodeFixture();
  const dispatcher = startDispatcher({ state: fixture.state, routes, load: loadGuarded, context: fixture.context });
  try {
    const machine = await Machine.registered(fixture);
    const channel = await new NodeClient(fixture, machine.nodeId, await machine.credentials()).connect();
    await post(fixture, 'OK');
    const { Command } = await fixture.client.send(
      new SendCommandCommand({
        DocumentName: 'AWS-RunShellScript',
        InstanceIds: [machine.nodeId],
        Parameters: { commands: ['sleep 60'] },
        AlarmConfiguration: { Alarms: [{ Name: 'error-rate' }] },
      }),
    );
    const show = async () =>
      (await fixture.client.send(new ListCommandsCommand({ CommandId: Command!.CommandId! }))).Commands?.[0];
    const job = await channel.next();
    channel.acknowledge(job);
    await vi.waitFor(async () => expect(await show()).toMatchObject({ Status: 'InProgress', TriggeredAlarms: [] }));

    await post(fixture, 'ALARM');
    const cancel = await channel.next();
    expect(cancel.json['Topic']).toContain('cancelCommand');
    expect(JSON.parse(cancel.json['Content'] ?? '')).toMatchObject({ CancelMessageId: job.json['JobId'] });
    channel.acknowledge(cancel);
    channel.reply(job.json['JobId'] ?? '', { documentStatus: 'Cancelled', documentTraceOutput: '', runtimeStatus: {} });
    await vi.waitFor(async () =>
      expect(await show()).toMatchObject({
        Status: 'Cancelled',
        StatusDetails: 'Cancelled',
        AlarmConfiguration: { Alarms: [{ Name: 'error-rate' }] },
        TriggeredAlarms: [{ Name: 'error-rate', State: 'ALARM' }],
      }),
    );
  } finally {
    await dispatcher.stop();
    await fixture.close();
  }
});
