/** Sends the timers that fall due before the next tick has come. */
import { isOver } from '../../core/deadline.ts';
import { paddedTime } from '../../core/keys-of-rows.ts';
import { timerPartition, timerShards, type Timer } from '../../core/timers.ts';
import { sentAhead, timerMessage, type ClockContext } from './timer-queue.ts';

/** Timers read at once of a shard. */
const pageSize = 500;

/**
 * At its deadline it stops: the next tick sends what is left, in the order of due times.
 * @returns how many were sent
 */
export async function sendTimers(context: ClockContext): Promise<number> {
  const sent = await Promise.all(
    Array.from({ length: timerShards }, (_, shard) => sendShard(timerPartition(shard), context)),
  );
  return sent.reduce((sum, one) => sum + one, 0);
}

async function sendShard(pk: string, context: ClockContext): Promise<number> {
  const { state, clock, timerQueue, log } = context;
  let sent = 0;
  let after: string | undefined;
  do {
    const now = clock.now();
    const page = await state.query<Timer>({
      pk,
      to: paddedTime(now + sentAhead + 1),
      limit: pageSize,
      // During a deploy: the tick of the newer code sends those.
      newer: 'skip',
      after,
    });
    // A claimed one is being worked on; should its worker die, a tick after the claim's end sends it.
    const timers = page.rows.map(({ body }) => body).filter((timer) => (timer.claimedUntil ?? 0) <= now);
    await timerQueue.send(timers.map((timer) => timerMessage(timer, now)));
    sent += timers.length;
    after = page.next;
  } while (after !== undefined && !isOver(context));
  if (after !== undefined) log.warn('timers are left to the next tick', { shard: pk, sent });
  return sent;
}
