/**
 * Events of changes that leave no row to carry them (deletes, and transactions of several rows): rows of
 * their own, written in the same transaction, where the store is a table with a stream. A row that is still
 * there minutes later was not published: the tick does it (design §3).
 */
import type { OutgoingEvent } from './events.ts';
import { paddedTime, shardOf } from './keys-of-rows.ts';
import type { Key } from './state.ts';

/** Partitions that a busy fleet's changes are spread over. */
export const outboxShards = 16;

/** Seconds that a row lasts when nobody publishes it. */
export const outboxRetention = 7 * 24 * 3600;

export interface OutboxItem {
  readonly events: readonly OutgoingEvent[];
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
