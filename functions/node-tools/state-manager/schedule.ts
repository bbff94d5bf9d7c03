/** When an association runs: `rate(…)`, or once. Pure. */
import { InvalidSchedule } from './errors.ts';

const units: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
/** State Manager's bounds for a rate. */
const shortest = 30 * 60_000;
const tooLong = 31 * 86_400_000;

/**
 * The milliseconds from the start of one run to the start of the next; undefined for an association that
 * has no schedule and runs when it is made and when it is asked to.
 * @throws InvalidSchedule
 */
export function intervalOf(schedule: string | undefined): number | undefined {
  if (schedule === undefined || schedule === '') return undefined;
  if (/^(cron|at)\(/.test(schedule))
    throw new InvalidSchedule(
      `The schedule ${schedule} is not supported by this version of Flotilla; use rate(), or no schedule.`,
    );
  const match = /^rate\(\s*([1-9]\d{0,5})\s+(minute|hour|day)(s?)\s*\)$/.exec(schedule);
  if (match === null || (match[1] === '1') === (match[3] === 's'))
    throw new InvalidSchedule(`The schedule ${schedule} is not valid. Example: rate(30 minutes).`);
  const interval = Number(match[1]) * (units[match[2]!] ?? 0);
  if (interval < shortest) throw new InvalidSchedule('The shortest interval of an association is 30 minutes.');
  if (interval >= tooLong) throw new InvalidSchedule('The interval of an association must be shorter than 31 days.');
  return interval;
}
