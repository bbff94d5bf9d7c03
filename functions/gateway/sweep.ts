/**
 * One timer for all connections: ten thousand connections must not have ten thousand timers that all read rows. Every
 * tick queues the connections that are due, and a limited number is visited at the same time.
 */
export interface Visited {
  /** Epoch milliseconds in real time. A visit sets the next one. */
  due: number;
  visit(now: number): Promise<void>;
}

/** The most visits at the same time: when a whole fleet is due at once, the reads wait in a queue. */
const atOnce = 32;
/** Milliseconds after which a failed visit is repeated. */
const retryAfter = 5_000;

export class Sweep {
  readonly #items = new Set<Visited>();
  readonly #timer: NodeJS.Timeout;
  readonly #failed: (error: unknown) => void;
  readonly #queue: Visited[] = [];
  #visiting = 0;

  /** @param failed called with the error of a visit; the item is visited again when it is due */
  constructor(tick: number, failed: (error: unknown) => void) {
    this.#failed = failed;
    this.#timer = setInterval(() => this.#tick(Date.now()), tick).unref();
  }

  add(item: Visited): void {
    this.#items.add(item);
  }

  delete(item: Visited): void {
    this.#items.delete(item);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#items.clear();
  }

  #tick(now: number): void {
    for (const item of this.#items) {
      if (item.due > now) continue;
      // Not due again until the visit sets a time.
      item.due = Infinity;
      this.#queue.push(item);
    }
    this.#visitNext();
  }

  #visitNext(): void {
    while (this.#visiting < atOnce) {
      const item = this.#queue.shift();
      if (item === undefined) return;
      if (this.#items.has(item)) void this.#visit(item);
    }
  }

  async #visit(item: Visited): Promise<void> {
    this.#visiting++;
    try {
      await item.visit(Date.now());
    } catch (error) {
      item.due = Date.now() + retryAfter;
      this.#failed(error);
    } finally {
      this.#visiting--;
      this.#visitNext();
    }
  }
}
