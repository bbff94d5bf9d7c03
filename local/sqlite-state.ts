/** Opening the state of one machine. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../core/clock.ts';
import { SqliteState } from './sqlite/state.ts';

export { SqliteState, type Change, type Committed } from './sqlite/state.ts';

/** Another process has the data folder; the message is for the person at the terminal. */
export class FolderInUse extends Error {
  override readonly name = 'FolderInUse';
}

/** @param options.file is made when it is not there, with its folder */
export function openSqliteState(options: { readonly file: string; readonly clock: Clock }): SqliteState {
  mkdirSync(path.dirname(options.file), { recursive: true, mode: 0o700 });
  return new SqliteState(options.file, options.clock);
}

/**
 * Keeps other processes out of a data folder until it is released or this process ends, however it ends: the
 * lock is the operating system's, on a file of its own.
 * @returns releases it
 * @throws FolderInUse
 */
export function lockDataFolder(folder: string): () => void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(path.join(folder, 'lock.db'));
  try {
    database.exec('PRAGMA busy_timeout = 0; PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    throw new FolderInUse(`The data folder ${folder} is in use by another Flotilla. Stop that one, or choose another folder with --data.`, { cause: error });
  }
  return () => database.close();
}
