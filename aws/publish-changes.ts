/**
 * From the table's stream to the bus: the events that written items carry; and timers that fall due before a tick would
 * find them, to their queue.
 *
 * A record that fails holds up its whole shard, and all behind it come again with it. So nothing fails here that need
 * not: an event that the bus cannot take now waits in the outbox, one that it will never take and a record that cannot
 * be read become dead letters. Only while the table takes neither does a record come again.
 */
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { publishEvents, setAside, setRecordAside } from '../functions/clock/publish-events.ts';
import { isNear, timerMessage, type ClockContext } from '../functions/clock/timer-queue.ts';
import { isFinal } from '../core/dead-letters.ts';
import { UnreadableEvents, type OutgoingEvent } from '../core/events.ts';
import { outboxBody, outboxKey, outboxRetention } from '../core/outbox.ts';
import { isTooNew, type Key, type Put } from '../core/state.ts';
import { timerPartition, type Timer } from '../core/timers.ts';
import type { Item } from './attribute-values.ts';
import { entry } from './lambda.ts';
import { attributes, eventsOf, isOutbox, keyOfItem, shapeOf, toRow } from './state-item.ts';

/** A written item, as far as it matters here. */
interface Change {
  /** The record's place in its shard. */
  readonly sequence: string;
  readonly key: Key;
  readonly events: readonly OutgoingEvent[];
  readonly timer?: Timer;
}

/** A record that this version cannot read. */
interface Unread {
  readonly record: DynamoDBRecord;
  readonly error: unknown;
}

export const handler = entry<DynamoDBStreamEvent, DynamoDBBatchResponse>('publish-changes', publishChanges);

/** @returns the first record that could not be dealt with: Lambda sends it again, and all behind it */
export async function publishChanges(
  { Records: records }: DynamoDBStreamEvent,
  context: ClockContext,
): Promise<DynamoDBBatchResponse> {
  const failed = new Set<string>();
  const changes: Change[] = [];
  for (const record of records) {
    const read = readRecord(record);
    if (!('error' in read)) changes.push(read);
    else if (!(await takeUnread(read, context))) failed.add(sequenceOf(record));
  }
  const unpublished = await publishEvents(
    changes.flatMap(({ events }) => events),
    context,
  );
  const later = new Set(unpublished.map(({ event }) => event));
  await sendTimers(changes, context);
  const done: Key[] = [];
  for (const change of changes) {
    const left = change.events.filter((event) => later.has(event));
    // An outbox row that is left stands, and the tick publishes it.
    if (isOutbox(change.key)) done.push(...(left.length === 0 ? [change.key] : []));
    else if (left.length > 0 && !(await leaveForTick(left, context))) failed.add(change.sequence);
  }
  await forget(done, context);
  const first = records.map(sequenceOf).find((sequence) => failed.has(sequence));
  return { batchItemFailures: first === undefined ? [] : [{ itemIdentifier: first }] };
}

function sequenceOf({ dynamodb }: DynamoDBRecord): string {
  return dynamodb?.SequenceNumber ?? '';
}

function readRecord(record: DynamoDBRecord): Change | Unread {
  try {
    const item = (record.dynamodb?.NewImage ?? {}) as Item;
    const key = keyOfItem(item);
    if (isOutbox(key) && isTooNew({ shape: shapeOf(item) })) throw new UnreadableEvents('a row of a newer shape', true);
    const change = { sequence: sequenceOf(record), key, events: eventsOf(item) };
    return key.pk.startsWith(timerPrefix) ? { ...change, timer: toRow<Timer>(item).body } : change;
  } catch (error) {
    return { record, error };
  }
}

const timerPrefix = timerPartition(0).slice(0, -1);

/**
 * Takes a record that cannot be read out of the stream's way. What a newer version has written waits for that version,
 * in the outbox; anything else is a dead letter.
 * @returns false while the table takes neither
 */
async function takeUnread({ record, error }: Unread, context: ClockContext): Promise<boolean> {
  const item = (record.dynamodb?.NewImage ?? {}) as Item;
  const text = item[attributes.events]?.S;
  if (error instanceof UnreadableEvents && error.isJson) {
    context.log.warn('events have a shape that this version does not know', { key: keyOfItem(item) });
    // An outbox row stands: the tick of a version that can read it publishes it.
    if (isOutbox(keyOfItem(item)) || text === undefined) return true;
    const left = await leaveInOutbox(text, context.ids.uuid(), context);
    if (left !== 'never') return left === 'left';
  }
  return setRecordAside(JSON.stringify(record), String(error), context);
}

/** Leaves events for the tick. @returns false while the table does not take them */
async function leaveForTick(events: readonly OutgoingEvent[], context: ClockContext): Promise<boolean> {
  const left = await leaveInOutbox(events, events[0]!.id, context);
  if (left !== 'never') return left === 'left';
  const kept = await Promise.all(events.map((event) => setAside(event, 'the outbox cannot hold it', context)));
  return kept.every(Boolean);
}

/** @returns `later` while the table takes nothing, `never` where it cannot hold these events */
async function leaveInOutbox(
  events: string | readonly OutgoingEvent[],
  id: string,
  { state, clock, log }: ClockContext,
): Promise<'left' | 'later' | 'never'> {
  const now = clock.now();
  const row: Put = {
    put: outboxKey(now, id),
    body: outboxBody(events),
    expiresAt: Math.floor(now / 1000) + outboxRetention,
  };
  try {
    await state.write(row);
    return 'left';
  } catch (error) {
    log.error('events could not be left in the outbox', { error });
    return isFinal(error) ? 'never' : 'later';
  }
}

/** Removes outbox rows that are done. What is left by a failure the tick publishes once more, and removes. */
async function forget(keys: readonly Key[], { state, log }: ClockContext): Promise<void> {
  try {
    await state.batch(keys.map((key) => ({ delete: key })));
  } catch (error) {
    log.warn('published events could not be forgotten yet', { error, rows: keys.length });
  }
}

/** What cannot be sent is left to the next tick: the row is the truth. */
async function sendTimers(changes: readonly Change[], { timerQueue, clock, log }: ClockContext): Promise<void> {
  const now = clock.now();
  // A claimed one is being worked on: this is the claim's own write.
  const timers = changes.flatMap(({ timer }) =>
    timer !== undefined && isNear(timer, now) && (timer.claimedUntil ?? 0) <= now ? [timer] : [],
  );
  try {
    await timerQueue.send(timers.map((timer) => timerMessage(timer, now)));
  } catch (error) {
    log.error('timers were not sent; the next tick sends them', { error, timers: timers.length });
  }
}
