/**
 * Small rows that were read lately, parsed and frozen: parsing costs more than all else of a read. Only this process
 * writes the file, so what it has not changed since is what the file holds: the key of every request and the row it
 * asks for cost no SQL.
 *
 * Two generations instead of a list in order of use: whoever reads a whole fleet's rows once pays next to
 * nothing for remembering them.
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

/** Rows of a generation. Two of them take some 20 MB at the most, were all rows as large as they may be. */
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

  /** The row is changed. */
  forget(key: Key): void {
    const name = nameOf(key);
    this.#young.delete(name);
    this.#old.delete(name);
  }

  /** What was written has been undone. */
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
