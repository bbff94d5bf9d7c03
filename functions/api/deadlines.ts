/**
 * A time-out for each of very many things, nearly all of which end early. A timer for each would cost more than the
 * things themselves, so one timer checks all of them from time to time.
 */
export class Deadlines<T> {
  readonly #within: number;
  readonly #error: () => Error;
  /** Ordered by deadline, because all have the same time-out. */
  readonly #open = new Map<T, { readonly by: number; readonly fail: (error: Error) => void }>();
  #timer: NodeJS.Timeout | undefined;

  /** @param within milliseconds; the error may come up to a tenth later */
  constructor(within: number, error: () => Error) {
    this.#within = within;
    this.#error = error;
  }

  /** @param fail called when the time is over, unless the thing is deleted before */
  add(thing: T, fail: (error: Error) => void): void {
    this.#open.set(thing, { by: performance.now() + this.#within, fail });
    this.#timer ??= setInterval(() => this.#look(), this.#within / 10).unref();
  }

  delete(thing: T): void {
    this.#open.delete(thing);
  }

  #look(): void {
    const now = performance.now();
    for (const [thing, { by, fail }] of this.#open) {
      if (by > now) return;
      this.#open.delete(thing);
      fail(this.#error());
    }
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
