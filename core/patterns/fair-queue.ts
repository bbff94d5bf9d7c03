/** A queue with one line for each caller; the callers take turns. Pure. */
export class FairQueue<T> {
  /** The caller whose turn is next comes first. */
  readonly #lines = new Map<string, T[]>();

  /** Adds an item at the end of the caller's line. */
  add(caller: string, item: T): void {
    const line = this.#lines.get(caller);
    if (line === undefined) this.#lines.set(caller, [item]);
    else line.push(item);
  }

  /** Takes the first item of the next caller, whose following turn comes after everybody else's. */
  take(): T | undefined {
    const [next] = this.#lines;
    if (next === undefined) return undefined;
    const [caller, line] = next;
    this.#lines.delete(caller);
    const item = line.shift();
    if (line.length > 0) this.#lines.set(caller, line);
    return item;
  }
}
