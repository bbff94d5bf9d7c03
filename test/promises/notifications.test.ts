/** Whom a command tells: through AWS's own client, a real gateway, the routes and a webhook. */
import { ListCommandsCommand, SendCommandCommand } from '@aws-sdk/client-ssm';
import { expect, test, vi } from 'vitest';
import { routes } from '../../events/routes.ts';
import { createTopic, subscribe } from '../../functions/notifications/topics/topics.ts';
import { startDispatcher } from '../../local/dispatcher.ts';
import { NodeClient } from '../functions/gateway/gateway-fixture.ts';
import { openWebhook } from '../functions/notifications/webhook-receiver.ts';
import { Machine, openNodeFixture } from './node-fixture.ts';
import { loadGuarded } from '../support/guarded.ts';

test('each state of an invocation reaches the webhook, and the caller does not wait for it', async () => {
  const fixture = await openNodeFixture();
  const hook = await openWebhook();
  const dispatcher = startDispatcher({ state: fixture.state, routes, load: loadGuarded, context: fixture.context });
  try {
    const NotificationArn = await createTopic('deployments', fixture.context);
    await subscribe('deployments', { url: hook.url, format: 'raw' }, fixture.context);
    let release = (): void => undefined;
    hook.answer = () => new Promise((resolve) => (release = () => resolve(200)));
    const machine = await Machine.registered(fixture);
    const channel = await new NodeClient(fixture, machine.nodeId, await machine.credentials()).connect();
    const { Command } = await fixture.client.send(
      new SendCommandCommand({
        DocumentName: 'AWS-RunShellScript',
        InstanceIds: [machine.nodeId],
        Parameters: { commands: ['true'] },
        ServiceRoleArn: 'arn:aws:iam::123456789012:role/Notifier',
        NotificationConfig: { NotificationArn, NotificationEvents: ['All'], NotificationType: 'Invocation' },
      }),
    );
    const job = await channel.next();
    channel.acknowledge(job);
    channel.reply(job.json['JobId'] ?? '', { documentStatus: 'Success', documentTraceOutput: '', runtimeStatus: {} });
    // The webhook has not answered its first message, and the command is over.
    await vi.waitFor(async () =>
      expect(
        (await fixture.client.send(new ListCommandsCommand({ CommandId: Command!.CommandId! }))).Commands?.[0],
      ).toMatchObject({ Status: 'Success' }),
    );
    hook.answer = () => 200;
    release();
    await vi.waitFor(() =>
      expect(hook.received.map(({ body }) => (JSON.parse(body) as { status: string }).status).sort()).toEqual([
        'InProgress',
        'Success',
      ]),
    );
    expect(JSON.parse(hook.received[0]!.body)).toMatchObject({
      commandId: Command!.CommandId,
      documentName: 'AWS-RunShellScript',
      instanceId: machine.nodeId,
    });
  } finally {
    await dispatcher.stop();
    await hook.close();
    await fixture.close();
  }
});
