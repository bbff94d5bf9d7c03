/** Copies a database while it is used. */
import { closeSync, openSync, renameSync, rmSync } from 'node:fs';
import { backup, DatabaseSync } from 'node:sqlite';
import { StateUnavailable } from '../../core/state.ts';

/**
 * All pages in one step: SQLite copies from one snapshot, on its own thread. It uses its own connection, because the
 * writer's is locked while a group is open.
 */
const allPages = 2 ** 31 - 1;

/**
 * Copies a database.
 * @param to is replaced once the copy is complete and on the disk; only its owner may read it
 * @throws StateUnavailable
 */
export async function copyDatabase(from: string, to: string): Promise<void> {
  const part = `${to}.part`;
  let source: DatabaseSync | undefined;
  try {
    source = new DatabaseSync(from, { readOnly: true });
    rmSync(part, { force: true });
    closeSync(openSync(part, 'wx', 0o600));
    await backup(source, part, { rate: allPages });
    renameSync(part, to);
  } catch (error) {
    rmSync(part, { force: true });
    throw new StateUnavailable(`${from} could not be copied to ${to}`, { cause: error });
  } finally {
    source?.close();
  }
}
