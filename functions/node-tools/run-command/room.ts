import type { TimerHandler } from '../../../core/timers.ts';
import { lookAfter, resumeJobs } from '../../fan-out/index.ts';
import type { Room } from '../../room.ts';
import { cancelCommand } from './cancel-command.ts';
import { commandKind, olderTimerKinds } from './command-job.ts';
import { listCommands } from './commands.ts';
import { extensions } from './extensions.ts';
import { handleUndeliverable, undeliverableKind } from './fail-undeliverable.ts';
import { getCommandInvocation, listCommandInvocations } from './invocations.ts';
import { renderCancel, renderCommand } from './messages.ts';
import { ownedDocuments } from './owned-documents.ts';
import { sendCommand } from './send-command.ts';

const handleLook = lookAfter(commandKind);

const timers: Readonly<Record<string, TimerHandler>> = {
  ...Object.fromEntries([commandKind.timerKind, ...olderTimerKinds].map((kind) => [kind, handleLook])),
  [undeliverableKind]: handleUndeliverable as TimerHandler,
};

export const room = {
  name: 'run-command',
  operations: {
    ssm: {
      CancelCommand: cancelCommand,
      GetCommandInvocation: getCommandInvocation,
      ListCommandInvocations: listCommandInvocations,
      ListCommands: listCommands,
      SendCommand: sendCommand,
    },
  },
  extensions,
  timers,
  ownedDocuments,
  messages: { command: renderCommand, cancel: renderCancel },
  onStart: [(context) => resumeJobs(commandKind, context)],
} satisfies Room;
