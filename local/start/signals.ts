/** SIGINT and SIGTERM: the first one stops in order, a further one at once. */

export interface Stopping {
  readonly begun: boolean;
  /** Stops in order, then ends the process. Further calls wait for the same stop. */
  stop(exitCode: number): Promise<never>;
}

/**
 * Milliseconds. npm forwards a Ctrl-C to a program that got it from the terminal already. A person presses it again
 * later than this.
 */
const sameKeystroke = 500;

/** @param say shows a text to the person at the terminal */
export function stopOnSignals(end: () => Promise<void>, say: (text: string) => void): Stopping {
  let ended: Promise<never> | undefined;
  let first = 0;
  const stop = (exitCode: number): Promise<never> => (ended ??= end().then(() => process.exit(exitCode)));
  for (const [signal, number] of [
    ['SIGINT', 2],
    ['SIGTERM', 15],
  ] as const)
    process.on(signal, () => {
      const now = performance.now();
      if (first === 0) {
        first = now;
        say('\nStopping; Ctrl-C again ends it at once.\n');
        void stop(0);
      } else if (now - first > sameKeystroke) {
        // Everything that was answered is on the disk.
        process.exit(128 + number);
      }
    });
  return {
    get begun() {
      return ended !== undefined;
    },
    stop,
  };
}
