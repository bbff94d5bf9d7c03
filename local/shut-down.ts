/**
 * Ends what runs, in order, whatever any of it does: a clean stop must not depend on a disk with room or a handler that
 * answers.
 */
import type { Log } from '../core/log.ts';

export interface Step {
  /** For the log. */
  readonly name: string;
  readonly end: () => Promise<void> | void;
  /** Milliseconds after which the next step begins all the same. */
  readonly within?: number;
}

/**
 * Never rejects. What fails, or is too slow, is logged; nothing is lost by it: what was committed is, and the rest is
 * done at the next start.
 */
export async function shutDown(steps: readonly Step[], log: Log): Promise<void> {
  for (const { name, end, within = 10_000 } of steps) {
    let late: NodeJS.Timeout | undefined;
    const tooLate = new Promise<void>((resolve) => {
      late = setTimeout(() => {
        log.warn('what is being stopped takes too long; it is left behind', { part: name, milliseconds: within });
        resolve();
      }, within);
    });
    const ended = Promise.resolve()
      .then(end)
      .catch((error: unknown) => log.warn('a part did not stop as it should', { part: name, error }));
    await Promise.race([ended, tooLate]);
    clearTimeout(late);
  }
}
