/**
 * Group commit: the operations of one turn of the event loop share one transaction and one fdatasync. An answer that
 * depends on uncommitted data, also of a read, waits for that commit (docs/decisions/0004).
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { StateUnavailable } from '../../core/state.ts';

interface Group {
  /** Resolves after COMMIT; rejects for all operations of the group when it fails. */
  readonly committed: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export interface GroupListener {
  /** Called after each COMMIT, before the answers are given. */
  committed(): void;
  /** Called when a group was rolled back. */
  undone(): void;
}

export class GroupCommit {
  readonly #database: DatabaseSync;
  /** Prepared, because every turn that reads runs both. */
  readonly #beginRead: StatementSync;
  readonly #endRead: StatementSync;
  readonly #listener: GroupListener;
  #group: Group | undefined;
  /**
   * Whether a read transaction is open. The reads of a turn share one, because beginning one costs more than reading.
   */
  #reading = false;
  #closed = false;

  constructor(database: DatabaseSync, listener: GroupListener) {
    this.#database = database;
    this.#beginRead = database.prepare('BEGIN');
    this.#endRead = database.prepare('COMMIT');
    this.#listener = listener;
  }

  /**
   * Runs an operation that writes.
   * @param plan decides what to do and changes nothing; when it throws, only this operation is refused
   * @param change makes the changes. When it throws, the store has failed, and the whole group is rolled back
   * @throws StateUnavailable when the group could not be committed
   */
  async write<P>(plan: () => P, change: (planned: P) => void): Promise<P> {
    const group = (this.#group ??= this.#begin());
    let planned: P;
    try {
      planned = plan();
    } catch (error) {
      this.#failIfUndone(error);
      // The refusal may depend on rows that are not committed yet.
      await group.committed;
      throw asUnavailable(error);
    }
    try {
      change(planned);
    } catch (error) {
      this.#fail(group, error);
    }
    await group.committed;
    return planned;
  }

  /**
   * Runs an operation that reads.
   * @throws StateUnavailable when the file cannot be read, or when the data read was not committed
   */
  async read<T>(operation: () => T): Promise<T> {
    if (this.#closed) throw closed();
    let result: T;
    try {
      if (this.#group === undefined) this.#beginReading();
      result = operation();
    } catch (error) {
      this.#failIfUndone(error);
      throw asUnavailable(error);
    }
    if (this.#group !== undefined) await this.#group.committed;
    return result;
  }

  /** Accepts no more operations; resolves when the open group has been committed or rolled back. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#endReading();
    await this.#group?.committed.catch(() => undefined);
  }

  #begin(): Group {
    if (this.#closed) throw closed();
    try {
      this.#endReading();
      this.#database.exec('BEGIN IMMEDIATE');
    } catch (error) {
      throw new StateUnavailable('the state file takes no transaction now', { cause: error });
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    // Each participant gets the rejection. When none waits any more, it must not count as unhandled.
    promise.catch(() => undefined);
    const group = { committed: promise, resolve, reject };
    setImmediate(() => this.#commit(group));
    return group;
  }

  #beginReading(): void {
    if (this.#reading) return;
    this.#beginRead.run();
    this.#reading = true;
    setImmediate(() => this.#endReading());
  }

  #endReading(): void {
    if (!this.#reading) return;
    this.#reading = false;
    // A read that failed may have ended the transaction.
    if (this.#database.isTransaction) this.#endRead.run();
  }

  #commit(group: Group): void {
    if (this.#group !== group) return;
    try {
      this.#database.exec('COMMIT');
    } catch (error) {
      this.#fail(group, error);
      return;
    }
    this.#group = undefined;
    this.#listener.committed();
    group.resolve();
  }

  /**
   * Some failures (memory, disk) make SQLite roll back during a read. Later changes of the group would then be
   * committed alone.
   */
  #failIfUndone(error: unknown): void {
    if (this.#group !== undefined && !this.#database.isTransaction) this.#fail(this.#group, error);
  }

  #fail(group: Group, error: unknown): void {
    if (this.#group !== group) return;
    this.#group = undefined;
    let cause = error;
    try {
      // SQLite rolls back by itself when the disk is full.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
    } catch (rollback) {
      cause = new AggregateError([error, rollback]);
    }
    this.#listener.undone();
    group.reject(new StateUnavailable('the state file could not be written; nothing was changed', { cause }));
  }
}

/** SQLite's errors become the port's; our own refusals stay as they are. */
function asUnavailable(error: unknown): unknown {
  return (error as { code?: unknown }).code === 'ERR_SQLITE_ERROR'
    ? new StateUnavailable('the state file could not be read', { cause: error })
    : error;
}

function closed(): StateUnavailable {
  return new StateUnavailable('the state file is closed');
}
