/** Publishing events on AWS: what the bus will never take is set aside, what it cannot take now is named. */
import { keepDeadLetter, letterId } from '../../core/dead-letters.ts';
import type { OutgoingEvent } from '../../core/events.ts';
import type { ClockContext } from './timer-queue.ts';

/** An event that is neither published nor set aside. */
export interface Unpublished {
  readonly event: OutgoingEvent;
  /** The last error, in the bus's words. */
  readonly reason: string;
}

/**
 * Publishes events. One that the bus will never take becomes a dead letter.
 * @returns those to be published later: the bus, or the table for a dead letter, could not take them now
 */
export async function publishEvents(
  events: readonly OutgoingEvent[],
  context: ClockContext,
): Promise<readonly Unpublished[]> {
  if (events.length === 0) return [];
  const later: Unpublished[] = [];
  for (const { event, reason, isFinal } of await context.bus.publish(events)) {
    const about = { event: event.id, detailType: event.detailType, reason };
    if (!isFinal) {
      context.log.warn('an event was not published yet', about);
      later.push({ event, reason });
    } else if (!(await setAside(event, reason, context))) later.push({ event, reason });
  }
  return later;
}

/**
 * Keeps an event that cannot be published as a dead letter.
 * @returns whether it is kept: false where the table takes nothing now
 */
export async function setAside(event: OutgoingEvent, reason: string, context: ClockContext): Promise<boolean> {
  context.log.error('an event is given up', { event: event.id, detailType: event.detailType, reason });
  return keep({ kind: 'event', id: letterId(event.id, context), route: 'EventBridge', event }, reason, context);
}

/** Keeps what cannot even be read as a dead letter. @param text as it came @returns as {@link setAside} */
export async function setRecordAside(text: string, reason: string, context: ClockContext): Promise<boolean> {
  context.log.error('a record cannot be read', { reason });
  return keep({ kind: 'record', id: context.ids.uuid(), text }, reason, context);
}

type Subject =
  | { readonly kind: 'event'; readonly id: string; readonly route: string; readonly event: OutgoingEvent }
  | { readonly kind: 'record'; readonly id: string; readonly text: string };

async function keep(subject: Subject, error: string, context: ClockContext): Promise<boolean> {
  try {
    await keepDeadLetter({ ...subject, failedAt: context.clock.now(), attempts: 1, error }, context);
    return true;
  } catch (unwritable) {
    context.log.warn('a dead letter is not stored yet', { letter: subject.id, error: unwritable });
    return false;
  }
}
