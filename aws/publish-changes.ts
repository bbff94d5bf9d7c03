/**
 * From the table's stream to the bus: the events that written items carry; and timers that fall due before a
 * tick would find them, to their queue. What fails here comes again with all behind it in its shard.
 */
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { isNear, timerMessage, type ClockContext } from '../functions/clock/timer-queue.ts';
import { NotPublished } from '../core/bus.ts';
import { putDeadLetter } from '../core/dead-letters.ts';
import type { OutgoingEvent } from '../core/events.ts';
import type { Key } from '../core/state.ts';
import { timerPartition, type Timer } from '../core/timers.ts';
import type { Item } from './attribute-values.ts';
import { fitsTheBus } from './event-bridge-bus.ts';
import { entry } from './lambda.ts';
import { eventsOf, isOutbox, keyOfItem, toRow } from './state-item.ts';

/** A written item, as far as it matters here. */
interface Change {
  /** The record's place in its shard. */
  readonly sequence: string;
  readonly key: Key;
  readonly events: readonly OutgoingEvent[];
  readonly timer?: Timer;
}

export const handler = entry<DynamoDBStreamEvent, DynamoDBBatchResponse>('publish-changes', publishChanges);

/** @returns the first record that could not be dealt with: Lambda sends it again, and all behind it */
export async function publishChanges(
  { Records: records }: DynamoDBStreamEvent,
  context: ClockContext,
): Promise<DynamoDBBatchResponse> {
  const changes = records.map(changeOf);
  const unpublished = await publish(
    changes.flatMap(({ events }) => events),
    context,
  );
  const unsent = await sendTimers(changes, context);
  const failed = (change: Change): boolean =>
    change.events.some(({ id }) => unpublished.has(id)) || (change.timer !== undefined && unsent.has(change.timer.id));
  await context.state.batch(
    changes.filter((change) => isOutbox(change.key) && !failed(change)).map(({ key }) => ({ delete: key })),
  );
  const first = changes.find(failed);
  return { batchItemFailures: first === undefined ? [] : [{ itemIdentifier: first.sequence }] };
}

function changeOf({ dynamodb }: DynamoDBRecord): Change {
  const item = (dynamodb?.NewImage ?? {}) as Item;
  const key = keyOfItem(item);
  const change = { sequence: dynamodb?.SequenceNumber ?? '', key, events: eventsOf(item) };
  return key.pk.startsWith(timerPrefix) ? { ...change, timer: toRow<Timer>(item).body } : change;
}

const timerPrefix = timerPartition(0).slice(0, -1);

/** @returns the ids of events that were not published */
async function publish(events: readonly OutgoingEvent[], context: ClockContext): Promise<ReadonlySet<string>> {
  for (const event of events.filter((one) => !fitsTheBus(one))) await keepOversized(event, context);
  try {
    await context.bus.publish(events.filter(fitsTheBus));
    return new Set();
  } catch (error) {
    if (!(error instanceof NotPublished)) throw error;
    context.log.error('events were not published', { error });
    return new Set(error.events.map(({ id }) => id));
  }
}

/** EventBridge takes 256 KB and no more, now and later: somebody must look. */
async function keepOversized(event: OutgoingEvent, { state, clock, log }: ClockContext): Promise<void> {
  log.error('an event is too large for the bus', { event: event.id, detailType: event.detailType });
  await state.write(
    putDeadLetter({
      kind: 'event',
      id: event.id,
      route: 'EventBridge',
      event,
      failedAt: clock.now(),
      attempts: 1,
      error: 'the event is larger than 256 KB',
    }),
  );
}

/** @returns the ids of timers that are near and could not be sent */
async function sendTimers(
  changes: readonly Change[],
  { timerQueue, clock, log }: ClockContext,
): Promise<ReadonlySet<string>> {
  const now = clock.now();
  // A claimed one is being worked on: this is the claim's own write.
  const timers = changes.flatMap(({ timer }) =>
    timer !== undefined && isNear(timer, now) && (timer.claimedUntil ?? 0) <= now ? [timer] : [],
  );
  try {
    await timerQueue.send(timers.map((timer) => timerMessage(timer, now)));
    return new Set();
  } catch (error) {
    log.error('timers were not sent', { error });
    return new Set(timers.map(({ id }) => id));
  }
}
