/** Work that never runs twice at the same time. Requests that come while it runs are served by one more run. */
export class OneAtATime {
  readonly #work: () => Promise<void>;
  #running: Promise<void> | undefined;
  #again = false;

  /** @param work must not reject: it handles its own errors */
  constructor(work: () => Promise<void>) {
    this.#work = work;
  }

  get busy(): boolean {
    return this.#running !== undefined;
  }

  /** Resolves when no request is left. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  run(): void {
    if (this.#running === undefined) this.#running = this.#loop();
    else this.#again = true;
  }

  async #loop(): Promise<void> {
    do {
      this.#again = false;
      await this.#work();
    } while (this.#again);
    this.#running = undefined;
  }
}
