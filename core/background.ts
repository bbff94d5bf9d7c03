/**
 * The Background port: work that is best done now, but that no caller waits for. If the process ends first, a timer
 * repeats the work later. On AWS a Lambda function waits for it before it answers, because a frozen function would
 * leave it half done.
 */
import { noDeadline, within, type Deadline } from './deadline.ts';
import type { Log } from './log.ts';

export interface Background {
  /**
   * Whether no other process works on the same state. Then running one at a time per key in this process is enough, and
   * nobody needs a lease.
   */
  readonly isAlone: boolean;
  /**
   * Starts the work soon. Work with the same key runs one at a time: when it is requested again while it runs, it runs
   * once more afterwards. A failure is logged. Work that takes longer than a minute, or longer than the current call
   * may, is no longer waited for: a timer must be able to repeat it.
   * @param key what the work is about: `command <id>`
   * @example
   * context.background.run(`command ${id}`, context.log, () => continueCommand(id, context));
   */
  run(key: string, log: Log, work: () => Promise<void>): void;
  /** Resolves when no work is running that is still waited for. */
  settled(): Promise<void>;
}

/** Milliseconds that a piece of work is waited for. */
const longest = 60_000;

interface Running {
  /** Whether it was requested again while it ran. */
  again: boolean;
  /** It has taken too long: nobody waits for it any more. */
  late: boolean;
  done: Promise<void>;
}

/** Runs the work in this process, without delaying answers. */
export class ProcessBackground implements Background {
  readonly isAlone: boolean;
  readonly #running = new Map<string, Running>();
  readonly #deadline: Deadline;

  /**
   * @param options.isAlone see {@link Background.isAlone}; false unless it is given
   * @param options.deadline of the call that the work is asked for in; none unless it is given
   */
  constructor({
    isAlone = false,
    deadline = noDeadline,
  }: { readonly isAlone?: boolean; readonly deadline?: Deadline } = {}) {
    this.isAlone = isAlone;
    this.#deadline = deadline;
  }

  run(key: string, log: Log, work: () => Promise<void>): void {
    const present = this.#running.get(key);
    if (present !== undefined) {
      present.again = true;
      return;
    }
    const running: Running = { again: false, late: false, done: Promise.resolve() };
    this.#running.set(key, running);
    // Until it has really ended nobody else begins it: it is one at a time, late or not.
    const ended = this.#repeat(running, log, key, work).finally(() => this.#running.delete(key));
    running.done = within(Math.min(longest, this.#deadline.remaining()), ended).then((isOver) => {
      running.late = !isOver;
      if (!isOver) log.warn('work in the background takes too long; its timer will do it', { key });
    });
  }

  async settled(): Promise<void> {
    for (;;) {
      const awaited = [...this.#running.values()].filter(({ late }) => !late);
      if (awaited.length === 0) return;
      await Promise.all(awaited.map(({ done }) => done));
    }
  }

  async #repeat(running: Running, log: Log, key: string, work: () => Promise<void>): Promise<void> {
    try {
      do {
        running.again = false;
        await work();
      } while (running.again && this.#deadline.remaining() > 0);
    } catch (error) {
      log.warn('work in the background failed; its timer will do it', { key, error });
    }
  }
}
