/** A command that names an alarm asks for it before each wave, and ends when it says so (run-command.md §4.9). */
import type { Context } from '../../../core/context.ts';
import type { Row } from '../../../core/state.ts';
import { triggeredAlarms } from '../../alarms/index.ts';
import { requestCancel } from './request-cancel.ts';
import type { CommandBody } from './store.ts';

/**
 * @returns whether the command has just been stopped
 * @throws ConditionFailed where it has changed since it was read
 */
export async function stopIfAlarmed(row: Row<CommandBody>, context: Context): Promise<boolean> {
  const { alarmConfiguration, cancelRequested } = row.body;
  if (alarmConfiguration === undefined || cancelRequested) return false;
  const triggered = await triggeredAlarms(alarmConfiguration, context);
  return triggered.length > 0 && requestCancel(row, context, triggered);
}
