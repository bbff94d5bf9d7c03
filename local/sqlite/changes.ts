/** Events that have not reached every route yet: rows, written in the same transaction as the change. */
import type { DatabaseSync } from 'node:sqlite';
import type { OutgoingEvent } from '../../core/events.ts';
import { Statements } from './statements.ts';

/** An event that waits for delivery. */
export interface Change {
  /** Grows with each event; never reused. */
  readonly seq: number;
  /** As it was written. Another version may have written another shape; text that is no JSON is given as it is. */
  readonly event: OutgoingEvent;
}

export class Changes {
  readonly #statements: Statements;

  constructor(database: DatabaseSync) {
    this.#statements = new Statements(database);
  }

  add(eventText: string): void {
    this.#statements.of('INSERT INTO changes (event) VALUES (?)').run(eventText);
  }

  /** Oldest first. */
  read(after: number, limit: number): Change[] {
    const found = this.#statements
      .of('SELECT seq, event FROM changes WHERE seq > ? ORDER BY seq LIMIT ?')
      .all(after, limit) as { seq: number; event: string }[];
    return found.map(({ seq, event }) => ({ seq, event: parsed(event) }));
  }

  delete(seq: number): void {
    this.#statements.of('DELETE FROM changes WHERE seq = ?').run(seq);
  }
}

/** One row that is no JSON must not keep the others from being read. */
function parsed(text: string): OutgoingEvent {
  try {
    return JSON.parse(text) as OutgoingEvent;
  } catch {
    return text as unknown as OutgoingEvent;
  }
}
