/** SIGINT and SIGTERM: the first stops in order, a further one at once. */

export interface Stopping {
  readonly begun: boolean;
  /** Stops in order, then ends the process; who asks again waits with the first. */
  stop(exitCode: number): Promise<never>;
}

/**
 * Milliseconds: npm hands a Ctrl-C on to a program that has had it from the terminal already. A person presses later.
 */
const sameKeystroke = 500;

/** @param say tells the person at the terminal */
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
        // What was answered is on the disk.
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
