/** The minute's tick, on AWS: what falls due before the next one is sent on its way, what got stuck is taken on. */
import { resendOutbox } from './resend-outbox.ts';
import { sendTimers } from './send-timers.ts';
import type { ClockContext } from './timer-queue.ts';

/** Woken by a schedule. Both parts are done, even where one fails. */
export async function handler(_event: unknown, context: ClockContext): Promise<void> {
  const results = await Promise.allSettled([sendTimers(context), resendOutbox(context)]);
  const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
  if (errors.length > 0) throw new AggregateError(errors, `the tick failed: ${errors.map(String).join('; ')}`);
}
