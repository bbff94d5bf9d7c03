/**
 * Computes what a write will do to the state file, before anything is changed. So an operation that is refused, or that
 * cannot be written as JSON, does not affect the others in its group. Pure.
 */
import type { OutgoingEvent } from '../../core/events.ts';
import {
  checkExpiry,
  checkItem,
  checkItemBytes,
  checkKey,
  checkTransactionBytes,
  keyOf,
} from '../../core/state-limits.ts';
import {
  checkShape,
  ConditionFailed,
  type Body,
  type Check,
  type IndexKeys,
  type Key,
  type State,
  type Update,
  type Write,
} from '../../core/state.ts';
import { updatedBody } from '../../core/state-update.ts';
import { isConditionMet } from './conditions.ts';
import { isExpired, type Found, type StoredColumns, type RowText } from './rows.ts';

export type BatchWrite = Parameters<State['batch']>[0][number];

export interface PlannedEvent {
  readonly event: OutgoingEvent;
  /** As JSON. */
  readonly text: string;
}

export interface Plan {
  readonly key: Key;
  /** The row after the write; undefined for a delete or a check. */
  readonly row?: RowText;
  readonly deletes?: true;
  /** The stored columns before the write. */
  readonly place?: StoredColumns | undefined;
  readonly events: readonly PlannedEvent[];
  /** The size of the row and its events, as DynamoDB would count it. */
  readonly bytes: number;
}

/** What a plan reads from the store. */
export interface Look {
  readonly find: (key: Key) => Found;
  /** For callers that do not need the body. */
  readonly place: (key: Key) => StoredColumns | undefined;
  /** Epoch seconds. */
  readonly now: number;
  /** Replaces rows of any shape, as a batch does. */
  readonly anyShape?: boolean;
}

/**
 * @param order the position of the write in its transaction
 * @throws ConditionFailed, StateLimitExceeded, RowTooNew
 */
export function plan(write: Write | Check | BatchWrite, look: Look, order = 0): Plan {
  const key = keyOf(write);
  checkKey(key);
  const when = 'when' in write ? write.when : undefined;
  const { place, row: current }: Found =
    when === undefined && !('update' in write) ? { place: look.place(key) } : look.find(key);
  if (place?.shape && !('check' in write) && look.anyShape !== true && !isExpired(place, look.now))
    checkShape({ ...key, shape: place.shape }, 'shape' in write ? write : {});
  if (!isConditionMet(when, current)) throw new ConditionFailed(key, order);
  const events = 'events' in write ? (write.events ?? []).map((event) => ({ event, text: JSON.stringify(event) })) : [];
  const shape = 'shape' in write && write.shape !== 1 ? write.shape : undefined;
  if ('put' in write)
    return planRow(
      key,
      {
        version: (when?.version ?? 0) + 1,
        shape,
        expiresAt: write.expiresAt,
        indexes: replaced(undefined, write.indexes),
      },
      write.body,
      events,
      place,
    );
  if ('update' in write) {
    const expiresAt = write.expiresAt === undefined ? current?.expiresAt : (write.expiresAt ?? undefined);
    return planRow(
      key,
      { version: (current?.version ?? 0) + 1, shape, expiresAt, indexes: replaced(current?.indexes, write.indexes) },
      updatedBody(current?.body, write),
      events,
      place,
    );
  }
  return {
    key,
    ...('delete' in write ? { deletes: true as const } : {}),
    place,
    events,
    bytes: checkItemBytes(key, eventBytes(events)),
  };
}

/**
 * Checks whether DynamoDB would accept the writes in one transaction. There, events of deletes are stored on the first
 * row that the transaction keeps, or on a row of their own.
 * @throws StateLimitExceeded
 */
export function checkTogether(plans: readonly Plan[]): void {
  const carrier = plans.find(({ row }) => row !== undefined);
  const homeless = plans.reduce((sum, { row, bytes }) => (row === undefined ? sum + bytes : sum), 0);
  if (homeless > 0) checkItemBytes(carrier?.key ?? plans[0]!.key, (carrier?.bytes ?? 0) + homeless);
  checkTransactionBytes(plans.reduce((sum, { bytes }) => sum + bytes, 0));
}

function planRow(
  key: Key,
  row: Omit<RowText, keyof Key | 'bodyText'>,
  body: Body,
  events: readonly PlannedEvent[],
  place: StoredColumns | undefined,
): Plan {
  const indexKeys = Object.values(row.indexes);
  indexKeys.forEach(checkKey);
  checkExpiry(key, row.expiresAt);
  const bytes = checkItem(key, body, indexKeys, eventBytes(events));
  return { key, row: { ...key, ...row, bodyText: jsonText(body) }, place, events, bytes };
}

function eventBytes(events: readonly PlannedEvent[]): number {
  return events.reduce((sum, { text }) => sum + Buffer.byteLength(text) + 1, 0);
}

function replaced(old: IndexKeys = {}, changes: Update['indexes'] = {}): IndexKeys {
  const all = { ...old, ...Object.fromEntries(Object.entries(changes).filter(([, key]) => key !== undefined)) };
  return Object.fromEntries(Object.entries(all).filter(([, key]) => key !== null));
}

/** Half a surrogate pair cannot be written in UTF-8, so it becomes the replacement character. */
function jsonText(body: Body): string {
  const text = JSON.stringify(body);
  // The match may be an escaped half pair, or a backslash followed by letters that look like one.
  return /\\ud[89a-f]/.test(text)
    ? JSON.stringify(body, (_name, value: unknown) => (typeof value === 'string' ? value.toWellFormed() : value))
    : text;
}
