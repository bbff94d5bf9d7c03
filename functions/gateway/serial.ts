/** Work that is done one after the other, with a bound on how much waits. */
export class Serial {
  readonly #most: number;
  readonly #full: (full: boolean) => void;
  #waiting = 0;
  #last: Promise<void> = Promise.resolve();

  /** @param full told when so many wait, and again when there is room */
  constructor(most: number, full: (full: boolean) => void) {
    this.#most = most;
    this.#full = full;
  }

  /** @param work does not reject */
  run(work: () => Promise<void>): void {
    if (++this.#waiting === this.#most) this.#full(true);
    this.#last = this.#last.then(work).finally(() => {
      if (this.#waiting-- === this.#most) this.#full(false);
    });
  }

  /** Resolves when all that was given so far is done. */
  idle(): Promise<void> {
    return this.#last;
  }
}
