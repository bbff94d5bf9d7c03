/** The events of Run Command, key for key as AWS writes them (spec: events.md §2). */
import { nodeArn } from '../../../core/arns.ts';
import type { Context } from '../../../core/context.ts';
import { newEvent, type OutgoingEvent } from '../../../core/events.ts';
import { commandNotification, invocationNotification } from './notifications.ts';
import {
  commandStatus,
  invocationStatus,
  isCommandTerminal,
  isForward,
  isTerminal,
  type CommandState,
  type InvocationState,
} from './states.ts';
import type { CommandBody, InvocationBody } from './store.ts';

/** AWS announces these five and no others; the events spell the cancelled one with a single l. */
const announced: Readonly<Record<string, string>> = {
  InProgress: 'InProgress',
  Success: 'Success',
  Failed: 'Failed',
  TimedOut: 'TimedOut',
  Cancelled: 'Canceled',
};

export interface CommandStatusChange {
  readonly 'command-id': string;
  readonly 'document-name': string;
  readonly 'expire-after': string;
  readonly parameters: Readonly<Record<string, readonly string[]>>;
  readonly 'requested-date-time': string;
  readonly status: string;
}

export interface InvocationStatusChange {
  readonly 'command-id': string;
  readonly 'document-name': string;
  readonly 'instance-id': string;
  readonly 'requested-date-time': string;
  readonly status: string;
}

/**
 * What announces that a command went from one state to another: nothing, where the coarse status stays.
 * @param ran whether nodes have taken it: then it was in progress, and is told so, even where that and the
 * end are counted together
 */
export function commandStatusChanged(
  command: CommandBody,
  to: CommandState,
  context: Context,
  ran = false,
): OutgoingEvent[] {
  if (ran && command.state === 'Pending' && isCommandTerminal(to))
    return [
      ...commandStatusChanged(command, 'InProgress', context),
      ...commandStatusChanged({ ...command, state: 'InProgress' }, to, context),
    ];
  const status = announced[commandStatus(to)];
  if (status === undefined || status === announced[commandStatus(command.state)]) return [];
  return [
    newEvent(context, 'EC2 Command Status-change Notification', {
      resources: command.instanceIds.map((id) => nodeArn(context, id)),
      detail: {
        'command-id': command.commandId,
        'document-name': command.documentName,
        'expire-after': new Date(command.expiresAt).toISOString(),
        parameters: command.parameters,
        'requested-date-time': new Date(command.requestedAt).toISOString(),
        status,
      } satisfies CommandStatusChange,
    }),
    ...commandNotification(command, to, context),
  ];
}

/**
 * What announces that an invocation went from one state to another.
 * @param ran whether the node says so of itself: a report of the end whose beginning was lost tells both
 */
export function invocationStatusChanged(
  invocation: InvocationBody,
  to: InvocationState,
  context: Context,
  ran = false,
): OutgoingEvent[] {
  if (ran && isForward(invocation.state, 'InProgress') && isTerminal(to))
    return [
      ...invocationStatusChanged(invocation, 'InProgress', context),
      ...invocationStatusChanged({ ...invocation, state: 'InProgress' }, to, context),
    ];
  const status = announced[invocationStatus(to)];
  if (status === undefined || status === announced[invocationStatus(invocation.state)]) return [];
  return [
    newEvent(context, 'EC2 Command Invocation Status-change Notification', {
      resources: [nodeArn(context, invocation.nodeId)],
      detail: {
        'command-id': invocation.commandId,
        'document-name': invocation.documentName,
        'instance-id': invocation.nodeId,
        'requested-date-time': new Date(invocation.requestedAt).toISOString(),
        status,
      } satisfies InvocationStatusChange,
    }),
    ...invocationNotification(invocation, to, context),
  ];
}
