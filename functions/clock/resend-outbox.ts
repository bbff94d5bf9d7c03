/** Publishes what the stream should have published and did not. */
import { NotPublished } from '../../core/bus.ts';
import { outboxPartition, outboxShards, outboxTime, type OutboxItem } from '../../core/outbox.ts';
import type { ClockContext } from './timer-queue.ts';

/** The stream has so long, in milliseconds: it delivers within a second, and again after a failure. */
const patience = 120_000;
const pageSize = 50;

/**
 * One event that the bus does not take (too large for it, say) holds up none of the others; its row stays until it
 * expires.
 * @returns how many rows were published anew
 * @throws AggregateError when some could not be
 */
export async function resendOutbox(context: ClockContext): Promise<number> {
  const refusals: Error[] = [];
  const sent = await Promise.all(
    Array.from({ length: outboxShards }, (_, shard) => resendShard(outboxPartition(shard), context, refusals)),
  );
  if (refusals.length > 0) throw new AggregateError(refusals, refusals.map(({ message }) => message).join('; '));
  return sent.reduce((sum, one) => sum + one, 0);
}

async function resendShard(pk: string, { state, clock, bus, log }: ClockContext, refusals: Error[]): Promise<number> {
  let sent = 0;
  let after: string | undefined;
  do {
    const page = await state.query<OutboxItem>({ pk, to: outboxTime(clock.now() - patience), limit: pageSize, after });
    if (page.rows.length === 0) break;
    log.warn('events are published late', { shard: pk, rows: page.rows.length });
    let refused = new Set<string>();
    try {
      await bus.publish(page.rows.flatMap((row) => row.body.events));
    } catch (error) {
      if (!(error instanceof NotPublished)) throw error;
      refused = new Set(error.events.map(({ id }) => id));
      refusals.push(error);
    }
    const done = page.rows.filter(({ body }) => !body.events.some(({ id }) => refused.has(id)));
    await state.batch(done.map(({ pk, sk }) => ({ delete: { pk, sk } })));
    sent += done.length;
    after = page.next;
  } while (after !== undefined);
  return sent;
}
