/** Limits how much work runs at the same time; the rest waits in order. */
export class Turns {
  readonly #atOnce: number;
  #active = 0;
  readonly #waiting = new Set<() => void>();

  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  /** Runs the work when it is its turn. When it is cancelled while it waits, it runs at once, only to report that. */
  async take<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const counted = await this.#turn(signal);
    try {
      return await work();
    } finally {
      if (counted) this.#pass();
    }
  }

  /** @returns whether a turn was taken */
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

  /** Gives the turn to the work that has waited longest. */
  #pass(): void {
    const next = this.#waiting.values().next();
    if (next.done) this.#active--;
    else {
      this.#waiting.delete(next.value);
      next.value();
    }
  }
}
