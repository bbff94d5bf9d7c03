/**
 * What could not be done after every retry is kept until somebody looks: an event that a route's handler does not
 * take, a timer that fails, a record that cannot be read. `flotilla dead-letters` lists and replays them.
 *
 * A letter keeps its subject as JSON text, over as many rows as it takes: whatever made it fail (levels of nesting,
 * size, a number that the table does not take) must not keep it from being stored.
 */
import type { Context } from './context.ts';
import type { OutgoingEvent } from './events.ts';
import { padded, paddedTime } from './keys-of-rows.ts';
import { StateLimitExceeded, type Delete, type Key, type Put, type State } from './state.ts';
import type { Timer } from './timers.ts';

/** There are few of them, or somebody should hurry: one partition. */
export const deadLetterPartition = 'DEAD-LETTERS';

/** Milliseconds between one attempt and the next, at an event or a timer. After the last it is a dead letter. */
export const retryPauses: readonly number[] = [1_000, 5_000, 30_000, 120_000, 600_000];

/** How often an event or a timer is tried. */
export const mostAttempts = retryPauses.length + 1;

interface Failure {
  /** 1 to 64 letters, digits, `-` or `_`. */
  readonly id: string;
  /** Epoch milliseconds. */
  readonly failedAt: number;
  readonly attempts: number;
  /** The last error's name and message. */
  readonly error: string;
}

export type DeadLetter = Failure &
  (
    | { readonly kind: 'event'; readonly route: string; readonly event: OutgoingEvent }
    | { readonly kind: 'timer'; readonly timer: Timer }
    /** What cannot even be read: of the table's stream, say. It cannot be replayed. @param text as it came */
    | { readonly kind: 'record'; readonly text: string }
  );

/** A letter's first row. Rows of before the text was split have the event or the timer as it is. */
interface DeadLetterRow extends Failure {
  readonly kind: DeadLetter['kind'];
  readonly route?: string;
  /** The first part of the subject's text. */
  readonly text: string;
  /** Rows that hold the rest of it. */
  readonly more: number;
}

const retentionDays = 90;
/** UTF-16 units of text in one row: 300 KB at most, in UTF-8. */
const rowCharacters = 100_000;
const mostErrorCharacters = 2_000;
/** UTF-16 units of text in one line of the log: CloudWatch Logs takes 256 KB, and JSON escapes some. */
const lineCharacters = 40_000;

/** Keyed by time and id: read in order they are oldest first. */
export function deadLetterKey(letter: Pick<DeadLetter, 'id' | 'failedAt'>): Key {
  return { pk: deadLetterPartition, sk: deadLetterName(letter) };
}

/** How a dead letter is called by people: its sort key. */
export function deadLetterName({ id, failedAt }: Pick<DeadLetter, 'id' | 'failedAt'>): string {
  return `${paddedTime(failedAt)}-${id}`;
}

/** A letter's id for an event's: the same each time it fails, where it can be part of a name. */
export function letterId(eventId: string, { ids }: Pick<Context, 'ids'>): string {
  return /^[\w-]{1,64}$/.test(eventId) ? eventId : ids.uuid();
}

/** The writes that keep a letter; put them into the transaction that gives up. Few: 400 KB are five rows at most. */
export function deadLetterWrites(letter: DeadLetter): Put[] {
  const expiresAt = Math.floor(letter.failedAt / 1000) + retentionDays * 24 * 3600;
  const { id, kind, failedAt, attempts } = letter;
  const [text = '', ...rest] = partsOf(subjectOf(letter).toWellFormed(), rowCharacters);
  const row: DeadLetterRow = {
    id,
    kind,
    failedAt,
    attempts,
    error: letter.error.slice(0, mostErrorCharacters).toWellFormed(),
    ...(letter.kind === 'event' ? { route: letter.route } : {}),
    text,
    more: rest.length,
  };
  return [
    { put: deadLetterKey(letter), body: row, expiresAt },
    ...rest.map((part, place) => ({ put: partKey(deadLetterName(letter), place), body: { text: part }, expiresAt })),
  ];
}

/**
 * Keeps a letter. One that the table cannot hold goes to the log, whole: it is never lost without a trace.
 * @throws StateUnavailable when the table takes nothing for now
 */
export async function keepDeadLetter(letter: DeadLetter, context: Pick<Context, 'state' | 'log'>): Promise<void> {
  try {
    const [only, ...rest] = deadLetterWrites(letter);
    await (rest.length === 0 ? context.state.write(only!) : context.state.transact([only!, ...rest]));
  } catch (error) {
    if (!isFinal(error)) throw error;
    logUnstored(letter, error, context);
  }
}

/** Whether a write that failed would fail again: it is what it is, not when. */
export function isFinal(error: unknown): boolean {
  return error instanceof StateLimitExceeded || error instanceof TypeError || error instanceof RangeError;
}

/** The line of the log that alarms look for. On AWS it counts as the metric `DeadLetterNotStored` too. */
export const notStored = 'FLOTILLA dead letter not stored';

/** Writes a letter to the log, its text in as many lines as it takes. */
export function logUnstored(letter: DeadLetter, reason: unknown, { log }: Pick<Context, 'log'>): void {
  const { id, kind, failedAt, attempts, error } = letter;
  const parts = partsOf(subjectOf(letter), lineCharacters);
  for (const [place, text] of parts.entries())
    log.error(notStored, {
      ...(place === 0 ? { metric: 'DeadLetterNotStored', reason } : {}),
      letter: { id, kind, failedAt, attempts, error: error.slice(0, mostErrorCharacters) },
      ...(letter.kind === 'event' ? { route: letter.route } : {}),
      part: `${place + 1} of ${parts.length}`,
      text,
    });
}

/** A row's letter. */
export async function readDeadLetter(body: object, state: State): Promise<DeadLetter> {
  if (!('text' in body)) return body as DeadLetter;
  const { kind, route = '', text, more, ...failure } = body as DeadLetterRow;
  const keys = Array.from({ length: more }, (_, place) => partKey(deadLetterName(failure), place));
  const parts = await Promise.all(keys.map((key) => state.get<{ text: string }>(key)));
  const whole = [text, ...parts.map((part) => part?.body.text ?? '')].join('');
  switch (kind) {
    case 'event':
      return { ...failure, kind, route, event: JSON.parse(whole) as OutgoingEvent };
    case 'timer':
      return { ...failure, kind, timer: JSON.parse(whole) as Timer };
    default:
      return { ...failure, kind: 'record', text: whole };
  }
}

/** The writes that remove the rest of a letter, beside its first row. */
export function deletePartsOf(body: object): Delete[] {
  const { more = 0, ...failure } = body as DeadLetterRow;
  return Array.from({ length: more }, (_, place) => ({ delete: partKey(deadLetterName(failure), place) }));
}

/** How an error is described in a dead letter. */
export function describeError(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

function subjectOf(letter: DeadLetter): string {
  switch (letter.kind) {
    case 'event':
      return JSON.stringify(letter.event);
    case 'timer':
      return JSON.stringify(letter.timer);
    case 'record':
      return letter.text;
  }
}

function partKey(name: string, place: number): Key {
  return { pk: `DEAD-LETTER-TEXT#${name}`, sk: padded(place + 1, 5) };
}

/** Cuts a text into parts; never between the halves of a surrogate pair. */
function partsOf(text: string, most: number): string[] {
  const parts: string[] = [];
  let from = 0;
  do {
    let to = Math.min(text.length, from + most);
    if (to < text.length && /[\uD800-\uDBFF]/.test(text[to - 1]!)) to--;
    parts.push(text.slice(from, to));
    from = to;
  } while (from < text.length);
  return parts;
}
