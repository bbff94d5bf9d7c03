/** Fires a timer that the queue brings, on AWS. What the queue loses, the next tick sends again. */
import type { Context } from '../../core/context.ts';
import { timers } from '../registry.ts';
import { fireTimer } from './fire-timer.ts';
import type { TimerReference } from './timer-queue.ts';

/** Woken by the queue `timers`, once for each message. */
export async function handler(reference: TimerReference, context: Context): Promise<void> {
  await fireTimer(reference, timers, context);
}
