import type { Room } from '../../room.ts';
import { cancelCommand, handleCancel } from './cancel-command.ts';
import { listCommands } from './commands.ts';
import { extensions } from './extensions.ts';
import { getCommandInvocation, listCommandInvocations } from './invocations.ts';
import { renderCancel, renderCommand } from './messages.ts';
import { ownedDocuments } from './owned-documents.ts';
import { handleProgress } from './progress-command.ts';
import { resumeCommands } from './resume-commands.ts';
import { sendCommand } from './send-command.ts';
import { handleSpread } from './spread-command.ts';
import { cancelKind, progressKind, spreadKind } from './timers.ts';

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
  timers: { [cancelKind]: handleCancel, [progressKind]: handleProgress, [spreadKind]: handleSpread },
  ownedDocuments,
  messages: { command: renderCommand, cancel: renderCancel },
  onStart: [resumeCommands],
} satisfies Room;
