/** So much work at once, the rest in the order in which it came. */
export class Turns {
  readonly #atOnce: number;
  #active = 0;
  readonly #waiting = new Set<() => void>();

  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  /**
   * Runs the work in its turn; when it is cancelled while it waits, at once: it has nothing to do then but to say so.
   */
  async take<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const counted = await this.#turn(signal);
    try {
      return await work();
    } finally {
      if (counted) this.#pass();
    }
  }

  /** @returns whether a place is held */
  #turn(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return Promise.resolve(false);
    if (this.#active < this.#atOnce) {
      this.#active++;
      return Promise.resolve(true);
    }
    return new Promise((resolve) => {
      const begin = (): void => resolve(true);
      this.#waiting.add(begin);
      signal.addEventListener('abort', () => this.#waiting.delete(begin) && resolve(false), { once: true });
    });
  }

  /** The place goes to whoever waits longest. */
  #pass(): void {
    const next = this.#waiting.values().next();
    if (next.done) this.#active--;
    else {
      this.#waiting.delete(next.value);
      next.value();
    }
  }
}
