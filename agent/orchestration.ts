/** The folders in which commands run. They are kept for a day, so that people can look at them, and then removed. */
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';

const kept = 24 * 3600_000;

export class Orchestration {
  readonly #folder: string;
  readonly #inUse = new Set<string>();

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  /** The folder of a run; it is not removed until `leave`. */
  enter(id: string): string {
    this.#inUse.add(id);
    return path.join(this.#folder, id);
  }

  leave(id: string): void {
    this.#inUse.delete(id);
  }

  /** Removes unused folders older than a day. */
  prune(now = Date.now()): void {
    for (const name of readdirSync(this.#folder)) {
      const folder = path.join(this.#folder, name);
      const changed = statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? now;
      if (!this.#inUse.has(name) && now - changed > kept) rmSync(folder, { recursive: true, force: true });
    }
  }
}
