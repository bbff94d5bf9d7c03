/**
 * Small rows that were read lately, as text. Only this process writes the file, so what it has not changed
 * since is what the file holds: the key of every request and the row it asks for cost no SQL.
 */
import { LeastRecentlyUsed } from '../../core/least-recently-used.ts';
import { nameOf } from '../../core/state-limits.ts';
import type { Key } from '../../core/state.ts';

export interface RecentRow {
  readonly version: number;
  readonly bodyText: string;
  readonly expiresAt: number | null;
}

/** Some 16 MB at the most, were all of them as large as they may be. */
const most = 2_048;
const longestText = 4_096;

export class RecentRows {
  #rows = new LeastRecentlyUsed<string, RecentRow>(most);

  get(key: Key): RecentRow | undefined {
    return this.#rows.get(nameOf(key));
  }

  keep(key: Key, row: RecentRow): void {
    if (row.bodyText.length <= longestText) this.#rows.set(nameOf(key), row);
  }

  /** The row is changed. */
  forget(key: Key): void {
    this.#rows.delete(nameOf(key));
  }

  /** What was written has been undone. */
  forgetAll(): void {
    this.#rows = new LeastRecentlyUsed(most);
  }
}
