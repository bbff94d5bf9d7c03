/**
 * Stops the parts in order, whatever goes wrong: a clean stop must not depend on free disk space or on a handler that
 * answers.
 */
import type { Log } from '../core/log.ts';

export interface Step {
  /** For the log. */
  readonly name: string;
  readonly end: () => Promise<void> | void;
  /** Milliseconds after which the next step begins anyway. */
  readonly within?: number;
}

/**
 * Runs the steps. Never rejects: a step that fails or is too slow is logged. Nothing is lost, because what was
 * committed stays, and the next start does the rest.
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
