/** Whether the alarms that somebody named let the work go on (run-command.md §4.9; automations and windows alike). */
import type { AlarmConfiguration, AlarmStateInformation } from '@aws-sdk/client-ssm';
import type { AlarmState } from '../../core/alarms.ts';
import type { Context } from '../../core/context.ts';
import { alarmKey, type AlarmBody } from './store.ts';

/**
 * The alarms that say stop: those in ALARM, and as UNKNOWN those whose state cannot be had, unless that is to
 * be ignored. Empty: go on. `INSUFFICIENT_DATA` is no alarm.
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

/** An alarm that nobody has heard of, and one that cannot be asked about, are one to whoever must decide. */
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
