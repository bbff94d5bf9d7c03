/** Sends the timers that fall due before the next tick has come. */
import { paddedTime } from '../../core/keys-of-rows.ts';
import { timerPartition, timerShards, type Timer } from '../../core/timers.ts';
import { sentAhead, timerMessage, type ClockContext } from './timer-queue.ts';

/** Timers read at once of a shard. */
const pageSize = 500;

/** @returns how many were sent */
export async function sendTimers(context: ClockContext): Promise<number> {
  const sent = await Promise.all(
    Array.from({ length: timerShards }, (_, shard) => sendShard(timerPartition(shard), context)),
  );
  return sent.reduce((sum, one) => sum + one, 0);
}

async function sendShard(pk: string, { state, clock, timerQueue }: ClockContext): Promise<number> {
  let sent = 0;
  let after: string | undefined;
  do {
    const now = clock.now();
    // Sort keys begin with the due time in 15 digits.
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
  } while (after !== undefined);
  return sent;
}
