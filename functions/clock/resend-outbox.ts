/** Publishes what the stream should have published and did not. */
import { outboxPartition, outboxShards, outboxTime, type OutboxItem } from '../../core/outbox.ts';
import type { ClockContext } from './timer-queue.ts';

/** The stream has so long, in milliseconds: it delivers within a second, and again after a failure. */
const patience = 120_000;
const pageSize = 50;

/** @returns how many rows were published anew */
export async function resendOutbox(context: ClockContext): Promise<number> {
  const sent = await Promise.all(Array.from({ length: outboxShards }, (_, shard) => resendShard(outboxPartition(shard), context)));
  return sent.reduce((sum, one) => sum + one, 0);
}

async function resendShard(pk: string, { state, clock, bus, log }: ClockContext): Promise<number> {
  let sent = 0;
  let after: string | undefined;
  do {
    const page = await state.query<OutboxItem>({ pk, to: outboxTime(clock.now() - patience), limit: pageSize, after });
    if (page.rows.length === 0) break;
    log.warn('events are published late', { shard: pk, rows: page.rows.length });
    await bus.publish(page.rows.flatMap((row) => row.body.events));
    await state.batch(page.rows.map((row) => ({ delete: { pk: row.pk, sk: row.sk } })));
    sent += page.rows.length;
    after = page.next;
  } while (after !== undefined);
  return sent;
}
