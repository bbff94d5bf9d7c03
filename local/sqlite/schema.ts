/** The tables of the state file. */
import type { DatabaseSync } from 'node:sqlite';
import { StartRefused } from '../start-refused.ts';

/**
 * rows: the rows. The table is not WITHOUT ROWID: large bodies in the tree of the keys would make it deep and every
 * read slow (five times, measured with inventories of 500 entries). `shape` is NULL where it is 1.
 * index_rows: entries of the index.
 * changes: events that have not reached every route yet, written in the same transaction as the change.
 */
const tables = `
  CREATE TABLE rows (
    pk TEXT NOT NULL, sk TEXT NOT NULL, version INTEGER NOT NULL, body TEXT NOT NULL, expires_at INTEGER,
    index1_pk TEXT, index1_sk TEXT, shape INTEGER,
    PRIMARY KEY (pk, sk)
  );
  CREATE INDEX rows_by_expiry ON rows (expires_at) WHERE expires_at IS NOT NULL;
  CREATE TABLE index_rows (
    index_pk TEXT NOT NULL, index_sk TEXT NOT NULL, pk TEXT NOT NULL, sk TEXT NOT NULL,
    PRIMARY KEY (index_pk, index_sk, pk, sk)
  ) WITHOUT ROWID;
  CREATE TABLE changes (seq INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL);
`;

/** Updates a file of each older version to the next version. There was a second index, which nothing used. */
const migrations: Readonly<Record<number, string>> = {
  1: `
    ALTER TABLE rows DROP COLUMN index2_pk;
    ALTER TABLE rows DROP COLUMN index2_sk;
    ALTER TABLE rows ADD COLUMN shape INTEGER;
    ALTER TABLE index_rows RENAME TO old_index_rows;
    CREATE TABLE index_rows (
      index_pk TEXT NOT NULL, index_sk TEXT NOT NULL, pk TEXT NOT NULL, sk TEXT NOT NULL,
      PRIMARY KEY (index_pk, index_sk, pk, sk)
    ) WITHOUT ROWID;
    INSERT INTO index_rows SELECT index_pk, index_sk, pk, sk FROM old_index_rows WHERE number = 1;
    DROP TABLE old_index_rows;
  `,
};

const version = 2;

/** The state file was written by a newer Flotilla. */
export class StateTooNew extends StartRefused {
  override readonly name = 'StateTooNew';
}

/** @throws StateTooNew */
export function prepare(database: DatabaseSync): void {
  // FULL: a commit is on the disk before it is acknowledged. Checkpoints run at 16 MB of log: keys are scattered, and a
  // page that many commits changed is then copied once.
  database.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000; PRAGMA cache_size = -16000; PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864',
  );
  const { user_version: found } = database.prepare('PRAGMA user_version').get() as { user_version: number };
  if (found > version)
    throw new StateTooNew(
      `${database.location()} was written by a newer Flotilla (version ${found}; this one reads up to ${version}). Start that one, or put a backup of this one's back.`,
    );
  // A file that is already right is not written: a full disk must not keep Flotilla from starting.
  if (found === version) return;
  const steps = found === 0 ? [tables] : [];
  for (let from = found; from > 0 && from < version; from++) steps.push(migrations[from] ?? '');
  try {
    database.exec(`BEGIN IMMEDIATE; ${steps.join(';')}; PRAGMA user_version = ${version}; COMMIT`);
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}
