/** Retries of DynamoDB calls, and what became of a write whose answer was lost. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ConditionFailed, StateUnavailable, WriteOutcomeUnknown, type Key } from '../core/state.ts';
import { failureOf, stateError } from './state-errors.ts';

const attempts = 9;
/** Milliseconds after which no new attempt begins. An API call has 30 seconds. */
const patience = 10_000;
/** Milliseconds. Each pause is twice the one before, shortened at random. */
const firstPause = 20;
const longestPause = 1_000;

/** The attempts of one call, with pauses between them. */
export class Attempts {
  readonly #began = performance.now();
  #made = 0;

  /**
   * Waits before the next attempt.
   * @returns false when the time for attempts is over
   */
  async more(): Promise<boolean> {
    if (++this.#made >= attempts || performance.now() - this.#began > patience) return false;
    await sleep(Math.random() * Math.min(longestPause, firstPause * 2 ** (this.#made - 1)));
    return true;
  }

  /** As {@link more}. @throws StateUnavailable when the time for attempts is over */
  async again(cause?: unknown): Promise<void> {
    if (!(await this.more())) throw new StateUnavailable('the table takes no more for now', { cause });
  }
}

/**
 * Runs a call that may safely be repeated: a read, or a batch of puts and deletes.
 * @throws the State port's errors
 */
export async function repeat<Result>(send: () => Promise<Result>, key?: Key): Promise<Result> {
  const tries = new Attempts();
  for (;;) {
    try {
      return await send();
    } catch (error) {
      if (failureOf(error) === 'refused') throw stateError(error, key);
      await tries.again(error);
    }
  }
}

export interface WriteAttempts<Result> {
  /** Sends the write. A condition or a token makes sure that sending it again has no further effect. */
  readonly send: () => Promise<Result>;
  readonly key: Key;
  /** Reads whether the write was made: returns its result, else undefined. */
  readonly findOut: () => Promise<Result | undefined>;
  /**
   * What a failed condition means when an earlier answer was lost: the write's result where it was made, undefined
   * where it certainly was not.
   * @throws WriteOutcomeUnknown
   */
  readonly afterRefusal?: (refused: ConditionFailed) => Result | undefined;
}

/**
 * Sends a write until its outcome is known.
 * @throws StateUnavailable when nothing was written; WriteOutcomeUnknown when nobody can say; other errors of
 * stateError
 */
export async function write<Result>({ send, key, findOut, afterRefusal }: WriteAttempts<Result>): Promise<Result> {
  const tries = new Attempts();
  /** The error by which an answer was lost. */
  let lost: unknown;
  for (;;) {
    try {
      return await send();
    } catch (error) {
      const failure = failureOf(error);
      if (failure === 'unknown') lost ??= error;
      if (failure === 'refused') {
        const refused = stateError(error, key);
        const made = lost !== undefined && refused instanceof ConditionFailed ? afterRefusal?.(refused) : undefined;
        if (made !== undefined) return made;
        // This refusal (for example a missing right) says nothing about the attempt before.
        if (lost === undefined || !(refused instanceof StateUnavailable)) throw refused;
        break;
      }
      if (await tries.more()) continue;
      if (lost === undefined) throw new StateUnavailable('the table takes no more for now', { cause: error });
      break;
    }
  }
  const made = await findOut().catch(() => undefined);
  if (made !== undefined) return made;
  throw outcomeUnknown(key, lost);
}

export function outcomeUnknown({ pk, sk }: Key, cause?: unknown): WriteOutcomeUnknown {
  return new WriteOutcomeUnknown(`the answer to a write of ${pk} / ${sk} was lost`, { cause });
}
