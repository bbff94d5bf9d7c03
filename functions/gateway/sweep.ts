/**
 * One timer for all connections: ten thousand of them must not be ten thousand timers that all read rows.
 * Every tick queues what is due, and so many at a time are visited.
 */
export interface Visited {
  /** Epoch milliseconds, real time. The visit sets the next. */
  due: number;
  visit(now: number): Promise<void>;
}

/** Visits at the same time: a whole fleet that is due at once reads rows in an orderly queue. */
const atOnce = 32;
/** Milliseconds after which a visit that failed is tried again. */
const retryAfter = 5_000;

export class Sweep {
  readonly #items = new Set<Visited>();
  readonly #timer: NodeJS.Timeout;
  readonly #failed: (error: unknown) => void;
  readonly #queue: Visited[] = [];
  #visiting = 0;

  /** @param failed told of a visit that threw; the item stays and is visited again when it is due */
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
      // Not again until its visit has said when.
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
