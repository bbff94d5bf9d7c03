/**
 * Events that wait in rows of their own, where the store is a table with a stream: of changes that leave no row to
 * carry them (deletes, and transactions of several rows), and what the bus could not take just now. A row that is still
 * there minutes later is published by the tick (design §3).
 */
import { readEvents, type OutgoingEvent } from './events.ts';
import { paddedTime, shardOf } from './keys-of-rows.ts';
import type { Key } from './state.ts';

/** Partitions that a busy fleet's changes are spread over. */
export const outboxShards = 16;

/** Seconds that a row lasts when nobody publishes it. */
export const outboxRetention = 7 * 24 * 3600;

/** Milliseconds after which a row whose events cannot be published, or read, becomes dead letters. */
export const outboxPatience = 24 * 3600_000;

export interface OutboxItem {
  /**
   * The events as JSON text: as a value of DynamoDB's they could nest no deeper than 32 levels. Rows written before
   * this was so have the list itself.
   */
  readonly events: string | readonly OutgoingEvent[];
}

/** The row's body. @param events a list, or the JSON text of one that this version cannot read */
export function outboxBody(events: string | readonly OutgoingEvent[]): OutboxItem {
  return { events: typeof events === 'string' ? events : JSON.stringify(events) };
}

/** The events of a row. @throws UnreadableEvents */
export function eventsOfOutbox({ events }: OutboxItem): readonly OutgoingEvent[] {
  return readEvents(typeof events === 'string' ? events : JSON.stringify(events));
}

/** The partition of a shard, 0–15. */
export function outboxPartition(shard: number): string {
  return `OUTBOX#${shard}`;
}

/** @param at epoch milliseconds: a shard reads in order of time @param id of the first event */
export function outboxKey(at: number, id: string): Key {
  return { pk: outboxPartition(shardOf(id, outboxShards)), sk: `${outboxTime(at)}#${id}` };
}

/** The part of a sort key that a moment stands for. */
export function outboxTime(at: number): string {
  return paddedTime(at);
}

/** When a row was written, epoch milliseconds. */
export function outboxWrittenAt({ sk }: Pick<Key, 'sk'>): number {
  return Number(sk.slice(0, sk.indexOf('#')));
}
