/**
 * The Background port: work that is best done now, but that no caller waits for. If the process ends first, a timer
 * repeats the work later. On AWS a Lambda function waits for it before it answers, because a frozen function would
 * leave it half done.
 */
import type { Log } from './log.ts';

export interface Background {
  /**
   * Starts the work soon. Work with the same key runs one at a time: when it is requested again while it runs, it runs
   * once more afterwards. A failure is logged.
   * @param key what the work is about: `command <id>`
   * @example
   * context.background.run(`command ${id}`, context.log, () => continueCommand(id, context));
   */
  run(key: string, log: Log, work: () => Promise<void>): void;
  /** Resolves when no work is running. */
  settled(): Promise<void>;
}

interface Running {
  /** Whether it was requested again while it ran. */
  again: boolean;
  done: Promise<void>;
}

/** Runs the work in this process, without delaying answers. */
export class ProcessBackground implements Background {
  readonly #running = new Map<string, Running>();

  run(key: string, log: Log, work: () => Promise<void>): void {
    const present = this.#running.get(key);
    if (present !== undefined) {
      present.again = true;
      return;
    }
    const running: Running = { again: false, done: Promise.resolve() };
    this.#running.set(key, running);
    running.done = this.#repeat(key, running, log, work);
  }

  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all([...this.#running.values()].map(({ done }) => done));
  }

  async #repeat(key: string, running: Running, log: Log, work: () => Promise<void>): Promise<void> {
    try {
      do {
        running.again = false;
        await work();
      } while (running.again);
    } catch (error) {
      log.warn('work in the background failed; its timer will do it', { key, error });
    } finally {
      this.#running.delete(key);
    }
  }
}
