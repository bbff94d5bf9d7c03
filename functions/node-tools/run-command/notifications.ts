/**
 * What a command's NotificationConfig asks for: messages to a topic, in the bodies that SNS has them (formats.md §3).
 */
import type { NotificationConfig } from '@aws-sdk/client-ssm';
import type { Context } from '../../../core/context.ts';
import type { OutgoingEvent } from '../../../core/events.ts';
import { topicMessage, whyNoTopic } from '../../notifications/index.ts';
import { InvalidNotificationConfig, InvalidRole } from './errors.ts';
import { commandStatus, invocationStatus, type CommandState, type InvocationState } from './states.ts';
import type { CommandBody, InvocationBody } from './store.ts';

/**
 * Whether what is asked for can be done. AWS publishes with a role of the caller's: one must be named.
 * @param roleArn the command's ServiceRoleArn; empty where there is none
 * @throws InvalidNotificationConfig, InvalidRole
 */
export async function checkNotification(
  config: NotificationConfig | undefined,
  roleArn: string,
  context: Context,
): Promise<void> {
  if (roleArn !== '' && !/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,576}$/.test(roleArn))
    throw new InvalidRole(`${roleArn} is not the ARN of an IAM role.`);
  const { NotificationArn: arn = '', NotificationEvents: events = [], NotificationType: type } = config ?? {};
  if (arn === '') {
    if (events.length > 0 || type !== undefined)
      throw new InvalidNotificationConfig('NotificationArn must name the topic that is notified.');
    return;
  }
  const reason = await whyNoTopic(arn, context);
  if (reason !== undefined) throw new InvalidNotificationConfig(reason);
  if (roleArn === '') throw new InvalidRole('Notifications need a ServiceRoleArn.');
}

/** The message of a command that goes to another state; none where nobody asked for it. */
export function commandNotification(command: CommandBody, to: CommandState, context: Context): OutgoingEvent[] {
  const status = commandStatus(to);
  const arn = wanted(command.notificationConfig, 'Command', status);
  if (arn === undefined) return [];
  const message = {
    commandId: command.commandId,
    documentName: command.documentName,
    instanceIds: command.instanceIds,
    requestedDateTime: trimmedTime(command.requestedAt),
    expiresAfter: trimmedTime(command.expiresAt),
    outputS3BucketName: command.outputS3BucketName,
    outputS3KeyPrefix: command.outputS3KeyPrefix,
    status,
    eventTime: trimmedTime(context.clock.now()),
  };
  return [topicMessage(arn, JSON.stringify(message), context)];
}

/** The message of an invocation that goes to another state; none where nobody asked for it. */
export function invocationNotification(
  invocation: InvocationBody,
  to: InvocationState,
  context: Context,
): OutgoingEvent[] {
  const status = invocationStatus(to);
  const arn = wanted(invocation.notificationConfig, 'Invocation', status);
  if (arn === undefined) return [];
  const message = {
    commandId: invocation.commandId,
    documentName: invocation.documentName,
    instanceId: invocation.nodeId,
    requestedDateTime: trimmedTime(invocation.requestedAt),
    status,
    eventTime: trimmedTime(context.clock.now()),
  };
  return [topicMessage(arn, JSON.stringify(message), context)];
}

/** The topic to publish to. Without a type commands are meant, without events all of them. */
function wanted(
  config: NotificationConfig | undefined,
  of: 'Command' | 'Invocation',
  status: string,
): string | undefined {
  const {
    NotificationArn: arn = '',
    NotificationEvents: events = [],
    NotificationType: type = 'Command',
  } = config ?? {};
  const isWanted = events.length === 0 || events.includes('All') || events.some((event) => event === status);
  return arn !== '' && type === of && isWanted ? arn : undefined;
}

/** `2019-04-25T17:57:09.17Z`: AWS leaves out the zeros at the end of the milliseconds. */
function trimmedTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.?0*Z$/, 'Z');
}
