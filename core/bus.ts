/** The Bus port: publishes our events to whoever subscribes. On AWS it is EventBridge. */
import type { OutgoingEvent } from './events.ts';

export interface Bus {
  /**
   * Publishes events, in any order. Each has been published at least once when this resolves.
   * @throws NotPublished with the events that were not taken; the others were published
   */
  publish(events: readonly OutgoingEvent[]): Promise<void>;
}

/** The bus did not take some events. They may be published again. */
export class NotPublished extends Error {
  override readonly name = 'NotPublished';
  readonly events: readonly OutgoingEvent[];

  constructor(events: readonly OutgoingEvent[], reason: string, options?: ErrorOptions) {
    super(`${events.length} events were not published: ${reason}`, options);
    this.events = events;
  }
}
