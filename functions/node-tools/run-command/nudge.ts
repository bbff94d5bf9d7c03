/**
 * Takes a command on at once, in the background, after something happened to it. A nudge that is lost with
 * the process is made good by the command's own timer.
 */
import type { Context } from '../../../core/context.ts';
import { progressCommand } from './progress-command.ts';

export function nudge(commandId: string, context: Context): void {
  context.background.run(`command ${commandId}`, context.log, () => progressCommand(commandId, context));
}
