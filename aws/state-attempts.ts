/** Repeating calls of DynamoDB, and finding out what became of a write whose answer was lost. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ConditionFailed, StateUnavailable, WriteOutcomeUnknown, type Key } from '../core/state.ts';
import { failureOf, stateError } from './state-errors.ts';

const attempts = 9;
/** Milliseconds: no attempt begins later. An API call has 30 seconds. */
const patience = 10_000;
/** Milliseconds; doubled with each attempt, and cut at random. */
const firstPause = 20;
const longestPause = 1_000;

/** The attempts of one call, and the pauses between them. */
export class Attempts {
  readonly #began = performance.now();
  #made = 0;

  /**
   * Waits before another attempt.
   * @returns false when there have been enough
   */
  async more(): Promise<boolean> {
    if (++this.#made >= attempts || performance.now() - this.#began > patience) return false;
    await sleep(Math.random() * Math.min(longestPause, firstPause * 2 ** (this.#made - 1)));
    return true;
  }

  /** As {@link more}. @throws StateUnavailable when there have been enough */
  async again(cause?: unknown): Promise<void> {
    if (!(await this.more())) throw new StateUnavailable('the table takes no more for now', { cause });
  }
}

/**
 * Runs a call that may be repeated as it is: a read, or a batch of puts and deletes.
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
  /** Sends the write. Sent again it must do nothing where it has been made: by a condition, or a token. */
  readonly send: () => Promise<Result>;
  readonly key: Key;
  /** Reads whether the write has been made: its result then, else undefined. */
  readonly findOut: () => Promise<Result | undefined>;
  /**
   * What a refused condition means, given that an answer was lost before: the write's result where it has been made,
   * undefined where it certainly has not.
   * @throws WriteOutcomeUnknown
   */
  readonly afterRefusal?: (refused: ConditionFailed) => Result | undefined;
}

/**
 * Sends a write until its outcome is known.
 * @throws StateUnavailable when nothing was written; WriteOutcomeUnknown when nobody can say; what else stateError
 * makes
 */
export async function write<Result>({ send, key, findOut, afterRefusal }: WriteAttempts<Result>): Promise<Result> {
  const tries = new Attempts();
  /** Why an answer was lost. */
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
        // Refused for want of rights, say: that says nothing of the attempt before.
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
