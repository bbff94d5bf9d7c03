/** What Run Command registers. */
import type { SsmOperations } from '../../../core/operations.ts';
import type { TimerHandler } from '../../../core/timers.ts';
import { cancelCommand, handleCancel } from './cancel-command.ts';
import { listCommands } from './commands.ts';
import { getCommandInvocation, listCommandInvocations } from './invocations.ts';
import { handleProgress } from './progress-command.ts';
import { sendCommand } from './send-command.ts';
import { handleSpread } from './spread-command.ts';
import { cancelKind, progressKind, spreadKind } from './timers.ts';

export { resumeCommands } from './resume-commands.ts';

export const operations = {
  CancelCommand: cancelCommand,
  GetCommandInvocation: getCommandInvocation,
  ListCommandInvocations: listCommandInvocations,
  ListCommands: listCommands,
  SendCommand: sendCommand,
} satisfies SsmOperations;

export const timers: Readonly<Record<string, TimerHandler>> = {
  [cancelKind]: handleCancel,
  [progressKind]: handleProgress,
  [spreadKind]: handleSpread,
};
