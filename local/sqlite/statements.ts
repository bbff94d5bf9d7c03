/** Prepared statements, kept for reuse. There are few texts, because values are parameters. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';

export class Statements {
  readonly #database: DatabaseSync;
  readonly #asArrays: boolean;
  readonly #prepared = new Map<string, StatementSync>();

  /** @param asArrays returns rows as arrays of columns: for frequent statements */
  constructor(database: DatabaseSync, asArrays = false) {
    this.#database = database;
    this.#asArrays = asArrays;
  }

  of(sql: string): StatementSync {
    let statement = this.#prepared.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      statement.setReturnArrays(this.#asArrays);
      this.#prepared.set(sql, statement);
    }
    return statement;
  }
}
