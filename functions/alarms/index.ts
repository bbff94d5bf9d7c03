/** What other rooms may call. */
export { alarmWrites } from './posted-alarm.ts';
export { triggeredAlarms } from './triggered-alarms.ts';
