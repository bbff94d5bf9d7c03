/**
 * The states of alarms: keys and item shapes.
 *
 * | row | pk | sk |
 * |---|---|---|
 * | an alarm, with the state of the last event posted for it | `ALARM#<name>` | `ALARM` |
 */
import type { AlarmState } from '../../core/alarms.ts';
import type { Key, Put } from '../../core/state.ts';

export interface AlarmBody {
  readonly name: string;
  readonly state: AlarmState;
}

export const alarmKey = (name: string): Key => ({ pk: `ALARM#${name}`, sk: 'ALARM' });

export const putAlarm = (alarm: AlarmBody): Put<AlarmBody> => ({ put: alarmKey(alarm.name), body: alarm });
