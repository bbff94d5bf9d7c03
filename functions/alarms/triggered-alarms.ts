/** Whether the alarms of a command, automation or window let the work continue (run-command.md §4.9). */
import type { AlarmConfiguration, AlarmStateInformation } from '@aws-sdk/client-ssm';
import type { AlarmState } from '../../core/alarms.ts';
import type { Context } from '../../core/context.ts';
import { alarmKey, type AlarmBody } from './store.ts';

/**
 * The alarms that stop the work: those in ALARM, and, as UNKNOWN, those whose state is not known, unless that is to be
 * ignored. Empty: continue. `INSUFFICIENT_DATA` is no alarm.
 */
export async function triggeredAlarms(
  {
    Alarms: alarms = [],
    IgnorePollAlarmFailure: ignoreFailure = false,
  }: Pick<AlarmConfiguration, 'Alarms' | 'IgnorePollAlarmFailure'>,
  context: Context,
): Promise<AlarmStateInformation[]> {
  const states = await Promise.all(
    alarms.map(async ({ Name = '' }) => ({ Name, State: await stateOf(Name, context) })),
  );
  return states.flatMap(({ Name, State }): AlarmStateInformation[] => {
    if (State === undefined) return ignoreFailure ? [] : [{ Name, State: 'UNKNOWN' }];
    return State === 'ALARM' ? [{ Name, State }] : [];
  });
}

/** An unknown alarm, and one whose state cannot be read, are the same to the caller. */
async function stateOf(name: string, context: Context): Promise<AlarmState | undefined> {
  try {
    return context.alarms === undefined
      ? (await context.state.get<AlarmBody>(alarmKey(name)))?.body.state
      : await context.alarms.stateOf(name);
  } catch (error) {
    context.log.warn('the state of an alarm cannot be had', { alarm: name, error });
    return undefined;
  }
}
