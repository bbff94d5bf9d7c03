/**
 * The Alarms port: the state of alarms. On AWS CloudWatch is asked. Locally the last event posted for the alarm decides
 * (functions/alarms).
 */
export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

export interface Alarms {
  /**
   * The state of a metric or composite alarm, at most some seconds old; `undefined` where there is no such alarm.
   * @throws when CloudWatch cannot be asked
   */
  stateOf(name: string): Promise<AlarmState | undefined>;
}
