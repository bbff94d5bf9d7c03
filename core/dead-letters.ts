/**
 * What could not be done after every retry is kept until somebody looks: an event that a route's handler
 * does not take, a timer that fails. `flotilla dead-letters` lists and replays them.
 */
import type { OutgoingEvent } from './events.ts';
import type { Key, Put } from './state.ts';
import type { Timer } from './timers.ts';

/** There are few of them, or somebody should hurry: one partition. */
export const deadLetterPartition = 'DEAD-LETTERS';

interface Failure {
  readonly id: string;
  /** Epoch milliseconds. */
  readonly failedAt: number;
  readonly attempts: number;
  /** The last error's name and message. */
  readonly error: string;
}

export type DeadLetter = Failure &
  ({ readonly kind: 'event'; readonly route: string; readonly event: OutgoingEvent } | { readonly kind: 'timer'; readonly timer: Timer });

const retentionDays = 90;

export function deadLetterKey(id: string): Key {
  return { pk: deadLetterPartition, sk: id };
}

/** The write that keeps one; put it into the transaction that gives up. */
export function putDeadLetter(letter: DeadLetter): Put<DeadLetter> {
  return { put: deadLetterKey(letter.id), body: letter, expiresAt: Math.floor(letter.failedAt / 1000) + retentionDays * 24 * 3600 };
}

/** How an error is told in a dead letter. */
export function describeError(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
