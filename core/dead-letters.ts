/**
 * What could not be done after every retry is kept until somebody looks: an event that a route's handler
 * does not take, a timer that fails. `flotilla dead-letters` lists and replays them.
 */
import type { OutgoingEvent } from './events.ts';
import { paddedTime } from './keys-of-rows.ts';
import type { Key, Put } from './state.ts';
import type { Timer } from './timers.ts';

/** There are few of them, or somebody should hurry: one partition. */
export const deadLetterPartition = 'DEAD-LETTERS';

/** Milliseconds between one attempt and the next, at an event or a timer. After the last it is a dead letter. */
export const retryPauses: readonly number[] = [1_000, 5_000, 30_000, 120_000, 600_000];

interface Failure {
  readonly id: string;
  /** Epoch milliseconds. */
  readonly failedAt: number;
  readonly attempts: number;
  /** The last error's name and message. */
  readonly error: string;
}

export type DeadLetter = Failure &
  (
    | { readonly kind: 'event'; readonly route: string; readonly event: OutgoingEvent }
    | { readonly kind: 'timer'; readonly timer: Timer }
  );

const retentionDays = 90;

/** Keyed by time and id: read in order they are oldest first. */
export function deadLetterKey(letter: Pick<DeadLetter, 'id' | 'failedAt'>): Key {
  return { pk: deadLetterPartition, sk: deadLetterName(letter) };
}

/** How a dead letter is called by people: its sort key. */
export function deadLetterName({ id, failedAt }: Pick<DeadLetter, 'id' | 'failedAt'>): string {
  return `${paddedTime(failedAt)}-${id}`;
}

/** The write that keeps one; put it into the transaction that gives up. */
export function putDeadLetter(letter: DeadLetter): Put<DeadLetter> {
  return {
    put: deadLetterKey(letter),
    body: letter,
    expiresAt: Math.floor(letter.failedAt / 1000) + retentionDays * 24 * 3600,
  };
}

/** How an error is told in a dead letter. */
export function describeError(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
