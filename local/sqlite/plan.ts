/**
 * What a write will do to the state file, worked out before anything is changed: an operation that must be
 * refused, or cannot be put into JSON, is refused while it can spoil nobody else's. Pure.
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
import { holds } from './conditions.ts';
import type { RowText, StoredRow } from './rows.ts';

export type BatchWrite = Parameters<State['batch']>[0][number];

export interface PlannedEvent {
  readonly event: OutgoingEvent;
  /** As JSON. */
  readonly text: string;
}

export interface Plan {
  readonly key: Key;
  /** The row as it will be; none for a delete or a check. */
  readonly row?: RowText;
  readonly deletes?: true;
  readonly events: readonly PlannedEvent[];
  /** Of the row and its events, as DynamoDB would count them. */
  readonly bytes: number;
}

/**
 * @param find the row as it is, expired ones left out
 * @param place of the write in its transaction
 * @throws ConditionFailed, StateLimitExceeded
 */
export function plan(write: Write | Check | BatchWrite, find: (key: Key) => StoredRow | undefined, place = 0): Plan {
  const key = keyOf(write);
  checkKey(key);
  const when = 'when' in write ? write.when : undefined;
  const current = when === undefined && !('update' in write) ? undefined : find(key);
  if (!holds(when, current)) throw new ConditionFailed(key, place);
  const events = 'events' in write ? (write.events ?? []).map((event) => ({ event, text: JSON.stringify(event) })) : [];
  if ('put' in write)
    return planRow(
      key,
      { version: (when?.version ?? 0) + 1, expiresAt: write.expiresAt, indexes: replaced(undefined, write.indexes) },
      write.body,
      events,
    );
  if ('update' in write) {
    const expiresAt = write.expiresAt === undefined ? current?.expiresAt : (write.expiresAt ?? undefined);
    return planRow(
      key,
      { version: (current?.version ?? 0) + 1, expiresAt, indexes: replaced(current?.indexes, write.indexes) },
      updatedBody(current?.body, write),
      events,
    );
  }
  return {
    key,
    ...('delete' in write ? { deletes: true } : {}),
    events,
    bytes: checkItemBytes(key, eventBytes(events)),
  };
}

/**
 * Whether DynamoDB would take them in one transaction: there, events of deletes travel with the first row
 * that stays, or on a row of their own.
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
): Plan {
  const indexKeys = Object.values(row.indexes);
  indexKeys.forEach(checkKey);
  checkExpiry(key, row.expiresAt);
  const bytes = checkItem(key, body, indexKeys, eventBytes(events));
  return { key, row: { ...key, ...row, bodyText: jsonText(body) }, events, bytes };
}

function eventBytes(events: readonly PlannedEvent[]): number {
  return events.reduce((sum, { text }) => sum + Buffer.byteLength(text) + 1, 0);
}

function replaced(old: IndexKeys = {}, changes: Update['indexes'] = {}): IndexKeys {
  const all = { ...old, ...Object.fromEntries(Object.entries(changes).filter(([, key]) => key !== undefined)) };
  return Object.fromEntries(Object.entries(all).filter(([, key]) => key !== null));
}

/** Half a surrogate pair has no place in UTF-8: it becomes what UTF-8 makes of it. */
function jsonText(body: Body): string {
  const text = JSON.stringify(body);
  // What JSON escapes so is half a pair, or a backslash and letters that look like it.
  return /\\ud[89a-f]/.test(text)
    ? JSON.stringify(body, (_name, value: unknown) => (typeof value === 'string' ? value.toWellFormed() : value))
    : text;
}
