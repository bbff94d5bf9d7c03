/** The tables of the state file. */
import type { DatabaseSync } from 'node:sqlite';
import { StartRefused } from '../start-refused.ts';

/**
 * rows: the rows. Not WITHOUT ROWID: bodies of hundreds of kilobytes in the tree of the keys make it deep, and
 * every point read slow (five times, measured with inventories of 500 entries). index_rows: entries of both
 * indexes. changes: events that have yet to reach every route, written in the transaction of what they tell of.
 */
const tables = `
  CREATE TABLE IF NOT EXISTS rows (
    pk TEXT NOT NULL, sk TEXT NOT NULL, version INTEGER NOT NULL, body TEXT NOT NULL, expires_at INTEGER,
    index1_pk TEXT, index1_sk TEXT, index2_pk TEXT, index2_sk TEXT,
    PRIMARY KEY (pk, sk)
  );
  CREATE INDEX IF NOT EXISTS rows_by_expiry ON rows (expires_at) WHERE expires_at IS NOT NULL;
  CREATE TABLE IF NOT EXISTS index_rows (
    number INTEGER NOT NULL, index_pk TEXT NOT NULL, index_sk TEXT NOT NULL, pk TEXT NOT NULL, sk TEXT NOT NULL,
    PRIMARY KEY (number, index_pk, index_sk, pk, sk)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS changes (seq INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL);
`;

const version = 1;

/** The state file was written by a newer Flotilla. */
export class StateTooNew extends StartRefused {
  override readonly name = 'StateTooNew';
}

/** @throws StateTooNew */
export function prepare(database: DatabaseSync): void {
  // FULL: a commit is on the disk before it is acknowledged, whatever happens to the machine.
  // Checkpoints at 16 MB of log: keys are scattered, and the more commits a page has seen the fewer times it is copied.
  database.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000; PRAGMA cache_size = -16000; PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864',
  );
  const { user_version: found } = database.prepare('PRAGMA user_version').get() as { user_version: number };
  if (found > version)
    throw new StateTooNew(
      `${database.location()} was written by a newer Flotilla (version ${found}; this one reads up to ${version}). Start that one, or put a backup of this one's back.`,
    );
  // Nothing is written to a file that is as it should be: a full disk must not keep Flotilla from starting.
  if (found === version) return;
  database.exec(`BEGIN; ${tables}; PRAGMA user_version = ${version}; COMMIT`);
}
