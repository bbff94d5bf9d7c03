/** Work on the main thread whose length its caller chooses, such as a JSON Schema: broken off when its time is over. */
import { createContext, Script } from 'node:vm';

/** The work took too long, or went too deep. */
export class TooMuchWork extends Error {
  override readonly name = 'TooMuchWork';
}

const script = new Script('work()');

/** Work that had less than half of its time on a processor is begun anew, this many times at most. */
const mostRepeats = 5;

export class TimeLimit {
  /** Milliseconds on a processor: what others do on a busy machine does not count. */
  #left: number;

  /** @param milliseconds for all work together that is run under this limit */
  constructor(milliseconds: number) {
    this.#left = milliseconds;
  }

  /**
   * Runs to the end, or is broken off where it is: what it was building must not be used any more.
   * @param work must not await anything, and may be begun anew
   * @throws TooMuchWork
   * @throws what the work throws
   */
  run<T>(work: () => T): T {
    for (let repeats = 0; ; repeats++) {
      if (this.#left < 1) throw new TooMuchWork();
      const allowed = Math.ceil(this.#left);
      const before = processorTime();
      try {
        return script.runInContext(createContext({ work }), { timeout: allowed }) as T;
      } catch (error) {
        const isBrokenOff = (error as { readonly code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
        if (isBrokenOff && repeats < mostRepeats && processorTime() - before < allowed / 2) continue;
        // A schema that refers to itself without end exhausts the stack.
        if (isBrokenOff || error instanceof RangeError) throw new TooMuchWork();
        throw error;
      } finally {
        this.#left -= processorTime() - before;
      }
    }
  }
}

/** Milliseconds that this thread has had on a processor. */
function processorTime(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
