/** The wish that a command ends: nothing more of it starts from here on, and its cancel timer stops what runs. */
import type { AlarmStateInformation } from '@aws-sdk/client-ssm';
import type { Context } from '../../../core/context.ts';
import type { Row } from '../../../core/state.ts';
import { commandKey, type CommandBody } from './store.ts';
import { cancelTimer } from './timers.ts';

/**
 * @param triggered the alarms that wish it; empty: a person
 * @returns false where the command is over, or somebody has wished so before
 * @throws ConditionFailed where the command has changed since it was read
 */
export async function requestCancel(
  row: Row<CommandBody>,
  context: Context,
  triggered: readonly AlarmStateInformation[] = [],
): Promise<boolean> {
  if (row.body.phase === 'done' || row.body.cancelRequested) return false;
  const set: Partial<CommandBody> = {
    cancelRequested: true,
    state: 'Cancelling',
    ...(triggered.length === 0 ? {} : { triggeredAlarms: triggered }),
  };
  await context.state.transact([
    { update: commandKey(row.body.commandId), set, when: { version: row.version } },
    cancelTimer(row.body, context),
  ]);
  return true;
}
