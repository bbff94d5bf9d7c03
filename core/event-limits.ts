/** What an event must keep to, so that EventBridge and the table can carry it. Pure rules. */
import { sourceOnAws, withIdInside } from './event-envelope.ts';
import type { OutgoingEvent } from './events.ts';

/** EventBridge takes entries, and calls, of so many bytes. */
export const mostEventBytes = 256 * 1024;
/**
 * Levels of objects and lists that `detail` may have. DynamoDB stores 32 levels of a value; a list of events, and the
 * event itself, may be two of them.
 */
export const mostDetailLevels = 30;
/** The last millisecond of the year 9999: the envelope writes a year in four digits. */
const latestTime = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
const mostDetailTypeCharacters = 128;
const mostSourceCharacters = 256;

/** The parts of an entry that EventBridge counts. `detail` is JSON text. */
export interface CountedEntry {
  readonly source: string;
  readonly detailType: string;
  readonly detail: string;
  readonly resources: readonly string[];
}

/** Bytes of an entry as EventBridge counts them: 14 for the time, the rest in UTF-8. */
export function entryBytes({ source, detailType, detail, resources }: CountedEntry): number {
  return 14 + [source, detailType, detail, ...resources].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}

/**
 * Why EventBridge or the table would never take an event.
 * @returns the reason, to follow "Event 1: "; undefined for an event that can be carried
 * @example
 * eventFault({ ...event, time: Number.NaN }); // 'time must lie between 1970 and the end of the year 9999.'
 */
export function eventFault(event: OutgoingEvent): string | undefined {
  const { detailType, time, resources, detail } = event;
  const source = sourceOnAws(event);
  if (source === '' || source.length > mostSourceCharacters || !source.isWellFormed())
    return `source must be a text of 1 to ${mostSourceCharacters} characters.`;
  if (detailType === '' || detailType.length > mostDetailTypeCharacters || !detailType.isWellFormed())
    return `detail-type must be a text of 1 to ${mostDetailTypeCharacters} characters.`;
  if (!(time >= 0 && time <= latestTime)) return 'time must lie between 1970 and the end of the year 9999.';
  if (resources.some((one) => !one.isWellFormed())) return 'resources must be texts in Unicode.';
  // Before it is made text: JSON.stringify overflows the stack on what nests a few thousand levels.
  if (nestsDeeper(detail, mostDetailLevels))
    return `detail nests deeper than ${mostDetailLevels} levels of objects and lists.`;
  const bytes = entryBytes({ source, detailType, detail: JSON.stringify(withIdInside(event)), resources });
  if (bytes > mostEventBytes)
    return `it has ${bytes} bytes as EventBridge counts them: more than 256 KB (${mostEventBytes}).`;
  return undefined;
}

/** Whether JSON has more levels of objects and lists than `most`. */
export function nestsDeeper(value: unknown, most: number): boolean {
  let level: readonly unknown[] = [value];
  for (let depth = 0; ; depth++) {
    const containers = level.filter((one): one is object => typeof one === 'object' && one !== null);
    if (containers.length === 0) return false;
    if (depth === most) return true;
    level = containers.flatMap((one) => Object.values(one) as unknown[]);
  }
}
