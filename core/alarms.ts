/**
 * The Alarms port: what CloudWatch says of an alarm, on AWS. Locally the last event posted of it decides
 * (functions/alarms).
 */
export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

export interface Alarms {
  /**
   * A metric or composite alarm's state as of the last few seconds; `undefined` where there is no such alarm.
   * @throws when CloudWatch cannot be asked
   */
  stateOf(name: string): Promise<AlarmState | undefined>;
}
