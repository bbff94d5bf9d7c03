/** Change calendars: iCalendar 2.0 as text (spec: change-calendar.md §3, §7). */
import type { Violations } from '../violations.ts';
import { nowhere, type Reading, type TypeRules } from './rules.ts';

export const changeCalendar: TypeRules = {
  formats: ['TEXT'],
  schemaVersions: [],
  isMapping: false,
  check,
  platforms: nowhere,
};

/** A logical line of the file: folded lines are joined. */
interface Line {
  /** The number of its first line, from 1. */
  readonly number: number;
  readonly name: string;
  readonly value: string;
}

const calendarTypes = ['DEFAULT_OPEN', 'DEFAULT_CLOSED', 'DEFAULT-OPEN', 'DEFAULT-CLOSED'];

function check({ text }: Reading, faults: Violations): void {
  const lines = linesOf(text, faults);
  const open: Line[] = [];
  const seen = { version: '', type: '' };
  let events = 0;
  let starts = false;
  for (const [at, line] of lines.entries()) {
    const { name, value, number } = line;
    if (at === 0 && !(name === 'BEGIN' && value === 'VCALENDAR'))
      return faults.addAtLine(number, 'must be BEGIN:VCALENDAR');
    if (at > 0 && open.length === 0) return faults.addAtLine(number, 'comes after END:VCALENDAR');
    if (name === 'BEGIN') {
      if (value === 'VEVENT') {
        events++;
        starts = false;
      }
      open.push(line);
    } else if (name === 'END') {
      const begun = open.pop();
      if (begun?.value !== value)
        return faults.addAtLine(number, `ends ${value}, but ${begun?.value ?? 'nothing'} is open`);
      if (value === 'VEVENT' && !starts) faults.addAtLine(begun.number, 'is an event without DTSTART');
    } else if (name === 'DTSTART' && open.at(-1)?.value === 'VEVENT') starts = true;
    else if (open.length === 1 && name === 'VERSION') seen.version = value;
    else if (open.length === 1 && name === 'X-CALENDAR-TYPE') seen.type = value;
  }
  const [left] = open;
  if (lines.length === 0) faults.add([], 'has no lines');
  else if (left !== undefined) faults.addAtLine(open.at(-1)!.number, `${open.at(-1)!.value} is never ended`);
  else if (seen.version !== '2.0') faults.add([], 'must have VERSION:2.0');
  else if (!calendarTypes.includes(seen.type))
    faults.add([], 'must have X-CALENDAR-TYPE:DEFAULT_OPEN or X-CALENDAR-TYPE:DEFAULT_CLOSED');
  if (events > mostEvents) faults.add([], `has more than ${mostEvents} events`);
}

/** All events must be looked at to find the state at a given time. */
const mostEvents = 1000;

/** A line that begins with a blank continues the line before (RFC 5545 §3.1). */
function linesOf(text: string, faults: Violations): Line[] {
  const unfolded: { number: number; text: string }[] = [];
  for (const [at, line] of text.split(/\r\n|\n|\r/).entries()) {
    const last = unfolded.at(-1);
    if (/^[ \t]/.test(line) && last !== undefined) last.text += line.slice(1);
    else if (line !== '') unfolded.push({ number: at + 1, text: line });
  }
  return unfolded.flatMap(({ number, text: whole }) => {
    const match = /^([A-Za-z0-9-]+)((?:;[^:;="]+=(?:"[^"]*"|[^:;"])*)*):(.*)$/s.exec(whole);
    if (match === null) {
      faults.addAtLine(number, 'is no line of iCalendar: NAME:VALUE');
      return [];
    }
    return [{ number, name: match[1]!.toUpperCase(), value: match[3]!.trim() }];
  });
}
