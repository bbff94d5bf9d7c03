/**
 * A cache of small rows that were read lately, parsed and frozen: parsing is the largest cost of a read. Only this
 * process writes the file, so the cache stays correct. The access key of every request, and the row it is about, then
 * need no SQL.
 *
 * The cache has two generations instead of a list in order of use, so reading the rows of a whole fleet once costs
 * almost nothing.
 */
import { nameOf } from '../../core/state-limits.ts';
import type { Body, Key } from '../../core/state.ts';

export interface RecentRow {
  readonly version: number;
  /** Frozen. */
  readonly body: Body;
  readonly expiresAt: number | null;
  /** Null where it is 1. */
  readonly shape: number | null;
}

/** Rows of a generation. Two generations take at most some 20 MB. */
const most = 1_024;
/** Characters of JSON. */
const longestText = 4_096;

export class RecentRows {
  #young = new Map<string, RecentRow>();
  #old = new Map<string, RecentRow>();

  get(key: Key): RecentRow | undefined {
    const name = nameOf(key);
    const row = this.#young.get(name);
    if (row !== undefined) return row;
    const old = this.#old.get(name);
    if (old !== undefined) this.#add(name, old);
    return old;
  }

  /** @param length characters of the body's JSON */
  keep(key: Key, row: RecentRow, length: number): void {
    if (length <= longestText) this.#add(nameOf(key), row);
  }

  /** Call it when the row is changed. */
  forget(key: Key): void {
    const name = nameOf(key);
    this.#young.delete(name);
    this.#old.delete(name);
  }

  /** Call it when writes were rolled back. */
  forgetAll(): void {
    this.#young = new Map();
    this.#old = new Map();
  }

  #add(name: string, row: RecentRow): void {
    if (this.#young.size >= most) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(name, row);
  }
}
