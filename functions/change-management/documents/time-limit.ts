/** Work on the main thread whose length its caller chooses, such as a JSON Schema: broken off when its time is over. */
import { createContext, Script } from 'node:vm';

/** The work took too long, or went too deep. */
export class TooMuchWork extends Error {
  override readonly name = 'TooMuchWork';
}

const script = new Script('work()');

export class TimeLimit {
  #left: number;

  /** @param milliseconds for all work together that is run under this limit */
  constructor(milliseconds: number) {
    this.#left = milliseconds;
  }

  /**
   * Runs to the end, or is broken off where it is: what it was building must not be used any more.
   * @param work must not await anything
   * @throws TooMuchWork
   * @throws what the work throws
   */
  run<T>(work: () => T): T {
    const began = performance.now();
    try {
      if (this.#left < 1) throw new TooMuchWork();
      return script.runInContext(createContext({ work }), { timeout: Math.ceil(this.#left) }) as T;
    } catch (error) {
      const { code } = error as { readonly code?: unknown };
      // A schema that refers to itself without end exhausts the stack.
      if (code === 'ERR_SCRIPT_EXECUTION_TIMEOUT' || error instanceof RangeError) throw new TooMuchWork();
      throw error;
    } finally {
      this.#left -= performance.now() - began;
    }
  }
}
