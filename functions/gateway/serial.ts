/** Runs work one after the other, with a limit on how much may wait. */
export class Serial {
  readonly #most: number;
  readonly #full: (full: boolean) => void;
  #waiting = 0;
  #last: Promise<void> = Promise.resolve();

  /** @param full called with true when `most` wait, and with false when there is space again */
  constructor(most: number, full: (full: boolean) => void) {
    this.#most = most;
    this.#full = full;
  }

  /** @param work must not reject */
  run(work: () => Promise<void>): void {
    if (++this.#waiting === this.#most) this.#full(true);
    this.#last = this.#last.then(work).finally(() => {
      if (this.#waiting-- === this.#most) this.#full(false);
    });
  }

  /** Resolves when all work given so far is done. */
  idle(): Promise<void> {
    return this.#last;
  }
}
