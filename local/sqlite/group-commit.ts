/**
 * Group commit: the operations of one turn of the event loop share one transaction, and one fdatasync. An
 * answer that saw what is not yet committed, a read's included, waits for that commit (docs/decisions/0004).
 */
import type { DatabaseSync } from 'node:sqlite';
import { StateUnavailable } from '../../core/state.ts';

interface Group {
  /** Resolves after COMMIT; rejects for everybody when it fails. */
  readonly committed: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class GroupCommit {
  readonly #database: DatabaseSync;
  readonly #onCommit: () => void;
  readonly #onRollback: () => void;
  #group: Group | undefined;
  #closed = false;

  /**
   * @param onCommit called after each COMMIT, before the answers are given
   * @param onRollback called when a group was undone
   */
  constructor(database: DatabaseSync, onCommit: () => void, onRollback: () => void) {
    this.#database = database;
    this.#onCommit = onCommit;
    this.#onRollback = onRollback;
  }

  /**
   * Runs an operation that writes. It must check everything before its first change: an error it throws
   * after one is taken for the store's, and undoes the whole group.
   * @param check throws to refuse the operation; nothing is changed then
   * @throws StateUnavailable when the group could not be committed
   */
  async write<T>(check: () => void, change: () => T): Promise<T> {
    const group = (this.#group ??= this.#begin());
    try {
      check();
    } catch (error) {
      // The refusal may rest on rows that are not committed yet.
      await group.committed;
      throw error;
    }
    let result: T;
    try {
      result = change();
    } catch (error) {
      this.#fail(group, error);
      await group.committed;
      throw error;
    }
    await group.committed;
    return result;
  }

  /** Runs an operation that reads. Outside a group it costs no transaction. */
  async read<T>(operation: () => T): Promise<T> {
    if (this.#closed) throw new StateUnavailable('the state file is closed');
    const result = operation();
    if (this.#group !== undefined) await this.#group.committed;
    return result;
  }

  /** Takes no more operations; resolves when what is open has been committed. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#group?.committed.catch(() => undefined);
  }

  #begin(): Group {
    if (this.#closed) throw new StateUnavailable('the state file is closed');
    try {
      this.#database.exec('BEGIN IMMEDIATE');
    } catch (error) {
      throw new StateUnavailable('the state file takes no transaction now', { cause: error });
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    // Whoever took part is told; when nobody waits any more it is no unhandled rejection.
    promise.catch(() => undefined);
    const group = { committed: promise, resolve, reject };
    setImmediate(() => this.#commit(group));
    return group;
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
    this.#onCommit();
    group.resolve();
  }

  #fail(group: Group, error: unknown): void {
    if (this.#group !== group) return;
    this.#group = undefined;
    // A full disk makes SQLite roll back by itself.
    if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
    this.#onRollback();
    group.reject(new StateUnavailable('the state file could not be written; nothing was changed', { cause: error }));
  }
}
