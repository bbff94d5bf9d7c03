/** Reads the state of an alarm from an event that was posted to us. */
import type { AlarmState } from '../../core/alarms.ts';
import type { OutgoingEvent } from '../../core/events.ts';
import type { Write } from '../../core/state.ts';
import { putAlarm } from './store.ts';

const states: readonly AlarmState[] = ['OK', 'ALARM', 'INSUFFICIENT_DATA'];

/**
 * The write that stores an alarm's state, for the transaction that stores the event. None for an event that is not
 * about an alarm, or has no state.
 */
export function alarmWrites(event: Pick<OutgoingEvent, 'source' | 'detailType' | 'detail'>): Write[] {
  if (event.source !== 'aws.cloudwatch' || event.detailType !== 'CloudWatch Alarm State Change') return [];
  const { alarmName, state } = event.detail as {
    readonly alarmName?: unknown;
    readonly state?: { readonly value?: unknown };
  };
  const value = states.find((one) => one === state?.value);
  return typeof alarmName === 'string' && alarmName !== '' && value !== undefined
    ? [putAlarm({ name: alarmName, state: value })]
    : [];
}
