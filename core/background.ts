/**
 * The Background port: work that is worth doing now but that nobody waits for. What is lost with the process, a timer
 * makes good. On AWS it is awaited before a Lambda function answers: a frozen function would keep it half done.
 */
import { noDeadline, within, type Deadline } from './deadline.ts';
import type { Log } from './log.ts';

export interface Background {
  /**
   * Whether no other process works on the same state. Then one at a time per key here is one at a time at all, and
   * nobody needs a lease.
   */
  readonly isAlone: boolean;
  /**
   * Does the work soon, one at a time per key: asked for while it is under way, it is done once more afterwards.
   * A failure is logged. Work that takes longer than a minute, or than the call it was asked for in has left, is no
   * longer waited for: it must be such that a timer can do it anew meanwhile.
   * @param key what it is about: `command <id>`
   */
  run(key: string, log: Log, work: () => Promise<void>): void;
  /** Resolves when nothing is under way that is still waited for. */
  settled(): Promise<void>;
}

/** Milliseconds that a piece of work is waited for. */
const longest = 60_000;

interface Running {
  /** Asked for again while it was under way. */
  again: boolean;
  /** It has taken too long: nobody waits for it any more. */
  late: boolean;
  done: Promise<void>;
}

/** Does the work in this process, beside what it answers. */
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
