/** The Bus port: where events of ours become known outside the state. EventBridge, on AWS. */
import type { OutgoingEvent } from './events.ts';

export interface Bus {
  /**
   * Publishes events, each at least once when it resolves. In any order.
   * @throws NotPublished with those that were not taken; the others were
   */
  publish(events: readonly OutgoingEvent[]): Promise<void>;
}

/** Some events were not taken by the bus. They may be published again. */
export class NotPublished extends Error {
  override readonly name = 'NotPublished';
  readonly events: readonly OutgoingEvent[];

  constructor(events: readonly OutgoingEvent[], reason: string, options?: ErrorOptions) {
    super(`${events.length} events were not published: ${reason}`, options);
    this.events = events;
  }
}
