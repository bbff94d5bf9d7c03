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
   * Publishes events, in any order. Each is published at least once when it resolves, or named in the answer: one
   * event that is refused keeps none of the others.
   * @returns those that were not taken
   */
  publish(events: readonly OutgoingEvent[]): Promise<readonly Refusal[]>;
}
