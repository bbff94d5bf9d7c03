/**
 * Takes a command on at once, in the background, after something happened to it. One at a time per command
 * in this process: what happens meanwhile is taken in by one more round. A nudge that is lost with the
 * process is made good by the command's own timer.
 */
import type { Context } from '../../../core/context.ts';
import { progressCommand } from './progress-command.ts';

/** Per store, the commands being taken on: whether another round is wanted. */
const running = new WeakMap<Context['state'], Map<string, { again: boolean }>>();

export function nudge(commandId: string, context: Context): void {
  const commands = running.get(context.state) ?? new Map<string, { again: boolean }>();
  running.set(context.state, commands);
  const present = commands.get(commandId);
  if (present !== undefined) {
    present.again = true;
    return;
  }
  const state = { again: false };
  commands.set(commandId, state);
  const run = async (): Promise<void> => {
    try {
      do {
        state.again = false;
        await progressCommand(commandId, context);
      } while (state.again);
    } catch (error) {
      context.log.warn('a command could not be taken on now; its timer will', { commandId, error });
    } finally {
      commands.delete(commandId);
    }
  };
  void run();
}
