/** Timers as messages of a queue: how AWS wakes them to the second. The row is the truth, the message a nudge. */
import type { Bus } from '../../core/bus.ts';
import type { Context } from '../../core/context.ts';
import type { Queue, QueuedMessage } from '../../core/queue.ts';
import type { Timer } from '../../core/timers.ts';

/** Where the timer is kept. */
export type TimerReference = Pick<Timer, 'id' | 'due'>;

/** What the clock's own handlers have beside a Context, on AWS. */
export interface ClockContext extends Context {
  readonly bus: Bus;
  readonly timerQueue: Queue<TimerReference>;
}

/**
 * How far ahead timers are sent: to the next tick, and some for a tick that is late. One that is sent twice
 * fires once. What is written nearer than this is sent when it is written: no tick would come in time.
 */
export const sentAhead = 75_000;

/** Whether the timer must be sent now. @param now epoch milliseconds */
export function isNear(timer: TimerReference, now: number): boolean {
  return timer.due <= now + sentAhead;
}

export function timerMessage({ id, due }: TimerReference, now: number): QueuedMessage<TimerReference> {
  return { body: { id, due }, delay: Math.max(0, due - now) };
}
