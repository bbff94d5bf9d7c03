/** A bounded memory of what is costly to make again. */
export class LeastRecentlyUsed<Key, Value> {
  readonly #capacity: number;
  /** A Map keeps the order of insertion: the first key is the one longest unused. */
  readonly #entries = new Map<Key, Value>();

  /** @param capacity how many entries are kept */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get(key: Key): Value | undefined {
    const value = this.#entries.get(key);
    // While there is plenty of room nothing is about to be forgotten, and the order need not be kept up.
    if (value === undefined || this.#entries.size * 2 < this.#capacity) return value;
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }

  set(key: Key, value: Value): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size > this.#capacity) {
      const oldest = this.#entries.keys().next();
      if (!oldest.done) this.#entries.delete(oldest.value);
    }
  }

  delete(key: Key): void {
    this.#entries.delete(key);
  }
}
