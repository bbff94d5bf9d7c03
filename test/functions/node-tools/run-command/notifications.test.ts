/** Whom a command tells of itself, and in which words. */
import { beforeEach, describe, expect, test } from 'vitest';
import { room as runCommandRoom } from '../../../../functions/node-tools/run-command/room.ts';
import { createTopic } from '../../../../functions/notifications/topics/topics.ts';
import {
  command,
  deliver,
  fireTimers,
  flotilla,
  nodeName,
  registerNodes,
  reopen,
  reply,
  report,
  send,
  settle,
  useFlotilla,
} from './commands-fixture.ts';

const operations = runCommandRoom.operations.ssm;

useFlotilla();

const ServiceRoleArn = 'arn:aws:iam::123456789012:role/service-role/Notifier';
const NotificationArn = 'arn:aws:sns:us-east-1:123456789012:deployments';
beforeEach(() => createTopic('deployments', flotilla.context));

/** The messages on their way, parsed. */
async function told(): Promise<Record<string, unknown>[]> {
  const changes = await flotilla.state.readChanges(0, 1000);
  return changes.flatMap(({ event }) =>
    event.detailType === 'Flotilla Topic Message'
      ? [JSON.parse((event.detail as { message: string }).message) as Record<string, unknown>]
      : [],
  );
}

/** One command to one node, to its end. */
async function runOne(input: object, status = 'Success', code = 0): Promise<{ id: string; node: string }> {
  const [node] = await registerNodes(1, { Role: 'web' });
  flotilla.clock.advance(170);
  const id = (await send({ ServiceRoleArn, ...('Targets' in input ? {} : { InstanceIds: [node] }), ...input })).Command!
    .CommandId!;
  await fireTimers();
  await settle(id);
  await deliver(id, node!);
  await settle(id);
  flotilla.clock.advance(66);
  await reply(id, node!, report(status, code));
  await settle(id);
  return { id, node: node! };
}

test('of a command: the body that SNS has, member for member', async () => {
  const { id, node } = await runOne({
    OutputS3BucketName: 'outputs',
    OutputS3KeyPrefix: 'runs',
    NotificationConfig: { NotificationArn, NotificationEvents: ['All'], NotificationType: 'Command' },
  });
  const body = {
    commandId: id,
    documentName: 'AWS-RunShellScript',
    instanceIds: [node],
    requestedDateTime: '2026-01-05T09:00:00.17Z',
    expiresAfter: '2026-01-05T11:00:00.17Z',
    outputS3BucketName: 'outputs',
    outputS3KeyPrefix: 'runs',
  };
  const messages = await told();
  expect(messages).toEqual([
    { ...body, status: 'InProgress', eventTime: '2026-01-05T09:00:00.17Z' },
    { ...body, status: 'Success', eventTime: '2026-01-05T09:00:00.236Z' },
  ]);
  expect(Object.keys(messages[0]!)).toEqual([
    'commandId',
    'documentName',
    'instanceIds',
    'requestedDateTime',
    'expiresAfter',
    'outputS3BucketName',
    'outputS3KeyPrefix',
    'status',
    'eventTime',
  ]);
  expect((await command(id)).NotificationConfig).toEqual({
    NotificationArn,
    NotificationEvents: ['All'],
    NotificationType: 'Command',
  });
  expect((await command(id)).ServiceRole).toBe(ServiceRoleArn);
});

test('with Targets a command names no nodes', async () => {
  await runOne({ Targets: [{ Key: 'tag:Role', Values: ['web'] }], NotificationConfig: { NotificationArn } });
  expect(await told()).toMatchObject([
    { instanceIds: [], status: 'InProgress' },
    { instanceIds: [], status: 'Success' },
  ]);
});

test('of each node, where Invocation is asked for', async () => {
  const { id, node } = await runOne(
    { NotificationConfig: { NotificationArn, NotificationEvents: ['All'], NotificationType: 'Invocation' } },
    'Failed',
    3,
  );
  const body = {
    commandId: id,
    documentName: 'AWS-RunShellScript',
    instanceId: node,
    requestedDateTime: '2026-01-05T09:00:00.17Z',
  };
  expect(await told()).toEqual([
    { ...body, status: 'InProgress', eventTime: '2026-01-05T09:00:00.17Z' },
    { ...body, status: 'Failed', eventTime: '2026-01-05T09:00:00.236Z' },
  ]);
  expect(
    (await operations.ListCommandInvocations({ CommandId: id }, flotilla.as())).CommandInvocations![0]!
      .NotificationConfig,
  ).toMatchObject({ NotificationArn });
});

test.each([
  [['Success'], []],
  [['Failed'], ['Failed']],
  [
    ['InProgress', 'Failed'],
    ['InProgress', 'Failed'],
  ],
  [['TimedOut', 'Cancelled'], []],
  [undefined, ['InProgress', 'Failed']],
])('only what was asked for: %j of a command that fails', async (NotificationEvents, expected) => {
  await runOne(
    { NotificationConfig: { NotificationArn, NotificationEvents, NotificationType: 'Command' } },
    'Failed',
    1,
  );
  expect((await told()).map(({ status }) => status)).toEqual(expected);
});

test('a cancel is Cancelled, and Cancelling is nothing to tell', async () => {
  const [node] = await registerNodes(1);
  const CommandId = (await send({ InstanceIds: [node], ServiceRoleArn, NotificationConfig: { NotificationArn } }))
    .Command!.CommandId!;
  await operations.CancelCommand({ CommandId }, flotilla.as());
  await settle(CommandId);
  expect((await told()).map(({ status }) => status)).toEqual(['Cancelled']);
});

describe('what cannot be done is said at once', () => {
  beforeEach(() => registerNodes(1));
  const attempt = (input: object): Promise<unknown> => send({ InstanceIds: [nodeName(0)], ...input });

  test.each([
    ['a role that is none', { ServiceRoleArn: 'Notifier' }, 'InvalidRole'],
    ['a role of another kind', { ServiceRoleArn: 'arn:aws:iam::123456789012:user/me' }, 'InvalidRole'],
    ['notifications without a role', { NotificationConfig: { NotificationArn } }, 'InvalidRole'],
    [
      'a topic that is none',
      { ServiceRoleArn, NotificationConfig: { NotificationArn: 'deployments' } },
      'InvalidNotificationConfig',
    ],
    [
      'a queue',
      { ServiceRoleArn, NotificationConfig: { NotificationArn: 'arn:aws:sqs:us-east-1:123456789012:deployments' } },
      'InvalidNotificationConfig',
    ],
    [
      'a topic that is not there',
      { ServiceRoleArn, NotificationConfig: { NotificationArn: `${NotificationArn}-2` } },
      'InvalidNotificationConfig',
    ],
    [
      'a topic of another account',
      {
        ServiceRoleArn,
        NotificationConfig: { NotificationArn: NotificationArn.replace('123456789012', '210987654321') },
      },
      'InvalidNotificationConfig',
    ],
    [
      'events without a topic',
      { ServiceRoleArn, NotificationConfig: { NotificationEvents: ['All'] } },
      'InvalidNotificationConfig',
    ],
    ['a bucket that is none', { OutputS3BucketName: 'No_Bucket' }, 'InvalidOutputFolder'],
  ])('%s', async (_what, input, code) => {
    await expect(attempt(input)).rejects.toMatchObject({ code });
    expect((await operations.ListCommands({}, flotilla.as())).Commands).toEqual([]);
  });

  test('a role alone, and a configuration that says nothing, are no fault', async () => {
    await attempt({ ServiceRoleArn });
    await attempt({ NotificationConfig: { NotificationArn: '', NotificationEvents: [] } });
  });

  test('on AWS a topic is SNS’s: its form alone is known', async () => {
    await reopen({ topics: { publish: () => Promise.resolve() } });
    await registerNodes(1);
    await attempt({
      ServiceRoleArn,
      NotificationConfig: { NotificationArn: 'arn:aws:sns:eu-central-1:210987654321:theirs' },
    });
    await expect(
      attempt({ ServiceRoleArn, NotificationConfig: { NotificationArn: 'arn:aws:sns:eu-central-1:theirs' } }),
    ).rejects.toMatchObject({ code: 'InvalidNotificationConfig' });
  });
});
