/**
 * So many milliseconds for each of very many things, nearly all of which end at once: a timer for every one of them
 * would cost more than they do, so one timer looks at what is left, now and then.
 */
export class Deadlines<T> {
  readonly #within: number;
  readonly #error: () => Error;
  /** In the order of their deadlines, for all have the same time. */
  readonly #open = new Map<T, { readonly by: number; readonly fail: (error: Error) => void }>();
  #timer: NodeJS.Timeout | undefined;

  /** @param within milliseconds; a thing may be given up to a tenth more */
  constructor(within: number, error: () => Error) {
    this.#within = within;
    this.#error = error;
  }

  /** @param fail called once the time is over, unless the thing is deleted before */
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
