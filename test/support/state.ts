/** A state file of a test's own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ManualClock, type Clock } from '../../core/clock.ts';
import { openSqliteState, type SqliteState } from '../../local/sqlite-state.ts';

/** When tests begin: 2026-01-05T09:00:00Z, a Monday. */
export const testStart = Date.UTC(2026, 0, 5, 9);

/** A folder of its own, gone when disposed of. */
export function temporaryFolder(): { readonly folder: string; readonly remove: () => void } {
  const folder = mkdtempSync(path.join(tmpdir(), 'flotilla-test-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** An empty SQLite state. Call `close` at the end. */
export function temporaryState(clock: Clock = new ManualClock(testStart)): {
  readonly state: SqliteState;
  readonly folder: string;
  readonly close: () => Promise<void>;
} {
  const { folder, remove } = temporaryFolder();
  const state = openSqliteState({ file: path.join(folder, 'state.db'), clock });
  return {
    state,
    folder,
    close: async () => {
      await state.close();
      remove();
    },
  };
}
