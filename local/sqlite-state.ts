/** Opens the state file of one machine. */
import { chmodSync, closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { silentLog } from '../core/log.ts';
import { StartRefused } from './start-refused.ts';
import { SqliteState, type SqliteStateOptions } from './sqlite/state.ts';

export type { Change } from './sqlite/changes.ts';
export { SqliteState, type Committed } from './sqlite/state.ts';

/** Another process uses the data folder; the message is for the person at the terminal. */
export class FolderInUse extends StartRefused {
  override readonly name = 'FolderInUse';
}

/** @param options.file is made when it does not exist, with its folder; only its owner may read it */
export function openSqliteState({
  file,
  clock,
  log = silentLog,
}: Omit<SqliteStateOptions, 'log'> & Partial<SqliteStateOptions>): SqliteState {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  makePrivate(file);
  return new SqliteState({ file, clock, log });
}

/**
 * SQLite would make a database that everybody can read, and a restored copy often is one. SQLite's other files get the
 * mode of this one. An existing file is not opened here, because closing it would release the locks that this process
 * has on it.
 */
export function makePrivate(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    if ((statSync(file).mode & 0o077) !== 0) chmodSync(file, 0o600);
  }
}

/** Keeps the locks referenced: a lock that is garbage-collected would be released. */
const locks = new Set<DatabaseSync>();

/**
 * Keeps other processes out of a data folder until it is released or this process ends. The operating system holds the
 * lock, on a file of its own, so it also ends when the process is killed.
 * @returns a function that releases the lock
 * @throws FolderInUse
 */
export function lockDataFolder(folder: string): () => void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = path.join(folder, 'lock.db');
  makePrivate(file);
  const database = new DatabaseSync(file);
  try {
    database.exec('PRAGMA busy_timeout = 0; PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (!isBusy(error)) throw error;
    throw new FolderInUse(
      `The data folder ${folder} is in use by another Flotilla. Stop that one, or choose another folder with --data.`,
      { cause: error },
    );
  }
  locks.add(database);
  return () => {
    if (locks.delete(database)) database.close();
  };
}

/** SQLite's result codes have details above the lowest byte. */
function isBusy(error: unknown): boolean {
  return ((error as { errcode?: number }).errcode ?? 0) % 256 === 5;
}
