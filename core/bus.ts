/** The Bus port: publishes our events to whoever subscribes. On AWS it is EventBridge. */
import type { OutgoingEvent } from './events.ts';

/** An event that the bus did not take. */
export interface Refusal {
  readonly event: OutgoingEvent;
  /** In the bus's words: `ThrottlingException: Rate exceeded`. */
  readonly reason: string;
  /** The event will never be taken as it is. Otherwise it may be published again later. */
  readonly isFinal: boolean;
}

export interface Bus {
  /**
   * Publishes events, in any order. When it resolves, each event was published at least once or is in the answer. A
   * refused event does not stop the others.
   * @returns the events that were not taken
   */
  publish(events: readonly OutgoingEvent[]): Promise<readonly Refusal[]>;
}
