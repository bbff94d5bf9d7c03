/** The State port over one SQLite file (docs/decisions/0003, 0004). One process opens it. */
import { backup, DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../core/clock.ts';
import type { OutgoingEvent } from '../../core/events.ts';
import { ConditionFailed, StateUnavailable, type Body, type Check, type Key, type Page, type Query, type Row, type State, type Update, type Write } from '../../core/state.ts';
import { holds } from './conditions.ts';
import { GroupCommit } from './group-commit.ts';
import { checkItem, checkKey, checkTransaction, keyOf, pageBytes } from './limits.ts';
import { encodeCursor, querySql } from './query.ts';
import { Rows, toRow, type StoredRow } from './rows.ts';
import { prepare } from './schema.ts';

/** What a commit brought, for those who act on it in this process. */
export interface Committed {
  /** Rows put, updated or deleted. */
  readonly keys: readonly Key[];
  /** Whether there are new change rows. */
  readonly events: boolean;
}

/** An event that waits to be delivered. */
export interface Change {
  readonly seq: number;
  readonly event: OutgoingEvent;
}

type BatchWrite = Parameters<State['batch']>[0][number];

const sweepEvery = 60_000;
const sweepRows = 500;

export class SqliteState implements State {
  readonly #database: DatabaseSync;
  readonly #clock: Clock;
  readonly #rows: Rows;
  readonly #group: GroupCommit;
  readonly #listeners = new Set<(committed: Committed) => void>();
  readonly #sweeper: NodeJS.Timeout;
  #keys: Key[] = [];
  #events = false;

  constructor(file: string, clock: Clock) {
    this.#clock = clock;
    this.#database = new DatabaseSync(file);
    prepare(this.#database);
    this.#rows = new Rows(this.#database);
    this.#group = new GroupCommit(
      this.#database,
      () => this.#committed(),
      () => this.#forget(),
    );
    this.#sweeper = setInterval(() => void this.sweep().catch(() => undefined), sweepEvery);
    this.#sweeper.unref();
  }

  get<T extends Body>(key: Key): Promise<Row<T> | undefined> {
    return this.#group.read(() => this.#rows.get<T>(key, this.#seconds()));
  }

  getMany<T extends Body>(keys: readonly Key[]): Promise<readonly Row<T>[]> {
    return this.#group.read(() => {
      const now = this.#seconds();
      return keys.flatMap((key) => this.#rows.get<T>(key, now) ?? []);
    });
  }

  query<T extends Body>(query: Query): Promise<Page<T>> {
    return this.#group.read(() => this.#page<T>(query));
  }

  async write<T extends Body>(write: Write): Promise<Row<T> | undefined> {
    return this.#group.write(
      () => this.#check(write, 0),
      () => this.#apply<T>(write),
    );
  }

  async transact(writes: readonly (Write | Check)[]): Promise<void> {
    checkTransaction(writes);
    if (writes.length === 0) return;
    await this.#group.write(
      () => writes.forEach((write, place) => this.#check(write, place)),
      () => {
        for (const write of writes) if (!('check' in write)) this.#apply(write);
      },
    );
  }

  async batch(writes: readonly BatchWrite[]): Promise<void> {
    if (writes.length === 0) return;
    await this.#group.write(
      () => writes.forEach((write) => this.#check(write, 0)),
      () => {
        for (const write of writes) this.#apply(write);
      },
    );
  }

  /** Calls `listener` after every commit, before the writers have their answers. @returns stops it */
  onCommit(listener: (committed: Committed) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Events that wait to be delivered, oldest first. @param after the last `seq` seen */
  readChanges(after: number, limit: number): Promise<readonly Change[]> {
    return this.#group.read(() =>
      (this.#rows.statement('SELECT seq, event FROM changes WHERE seq > ? ORDER BY seq LIMIT ?').all(after, limit) as { seq: number; event: string }[]).map(({ seq, event }) => ({ seq, event: JSON.parse(event) as OutgoingEvent })),
    );
  }

  /** Forgets events that have reached every route. */
  async deleteChanges(seqs: readonly number[]): Promise<void> {
    await this.#group.write(
      () => undefined,
      () => {
        for (const seq of seqs) this.#rows.statement('DELETE FROM changes WHERE seq = ?').run(seq);
      },
    );
  }

  /** Removes up to 500 rows that have expired. */
  async sweep(): Promise<void> {
    const expired = this.#rows.statement('SELECT pk, sk FROM rows WHERE expires_at <= ? LIMIT ?').all(this.#seconds(), sweepRows) as unknown as Key[];
    if (expired.length > 0) await this.batch(expired.map(({ pk, sk }) => ({ delete: { pk, sk } })));
  }

  /** Copies the state file while it is in use. */
  async backup(file: string): Promise<void> {
    await backup(this.#database, file);
  }

  holdIndexes(): void {
    this.#rows.holdIndexes();
  }

  releaseIndexes(): void {
    this.#rows.releaseIndexes();
  }

  /** Waits for the open group, then closes the file. */
  async close(): Promise<void> {
    clearInterval(this.#sweeper);
    await this.#group.close();
    this.#database.close();
  }

  #seconds(): number {
    return Math.floor(this.#clock.now() / 1000);
  }

  #page<T extends Body>(query: Query): Page<T> {
    const { sql, parameters } = querySql(query, this.#seconds());
    const limit = query.limit ?? Number.MAX_SAFE_INTEGER;
    const rows: StoredRow<T>[] = [];
    let cursor: string | undefined;
    let size = 0;
    for (const record of this.#rows.statement(query.limit === undefined ? sql : `${sql} LIMIT ${limit + 1}`).iterate(...parameters)) {
      // There is more than fits: the page ends with the row before.
      if (rows.length >= limit || size >= pageBytes) return { rows, next: cursor! };
      const row = toRow<T>(record as never);
      rows.push(row);
      size += row.size + row.pk.length + row.sk.length;
      const place = (record as { place?: string }).place;
      cursor = encodeCursor(place === undefined ? [row.sk] : [place, row.pk, row.sk]);
    }
    return { rows };
  }

  #check(write: Write | Check | BatchWrite, place: number): void {
    const key = keyOf(write as Write);
    checkKey(key);
    if ('indexes' in write) for (const index of Object.values(write.indexes ?? {})) if (index !== null && index !== undefined) checkKey(index);
    if ('put' in write) checkItem(key, JSON.stringify(write.body));
    const when = 'when' in write ? write.when : undefined;
    if (when === undefined && !('update' in write)) return;
    const row = this.#rows.get(key, this.#seconds());
    if (!holds(when, row as never)) throw new ConditionFailed(key, place);
    if ('update' in write) checkItem(key, JSON.stringify(updated(write, row)));
  }

  #apply<T extends Body>(write: Write | BatchWrite): Row<T> | undefined {
    const key = keyOf(write as Write);
    this.#keys.push(key);
    if ('events' in write) for (const event of write.events ?? []) this.#publish(event);
    if ('put' in write) {
      const version = ('when' in write ? ((write as { when?: { version?: number } }).when?.version ?? 0) : 0) + 1;
      return this.#store<T>({ ...key, version, expiresAt: write.expiresAt, indexes: write.indexes ?? {} }, write.body);
    }
    if ('update' in write) {
      const row = this.#rows.get(key, this.#seconds());
      const expiresAt = write.expiresAt === undefined ? row?.expiresAt : (write.expiresAt ?? undefined);
      const indexes = Object.fromEntries(Object.entries({ ...row?.indexes, ...write.indexes }).filter(([, index]) => index !== null && index !== undefined));
      return this.#store<T>({ ...key, version: (row?.version ?? 0) + 1, expiresAt, indexes }, updated(write, row));
    }
    this.#rows.delete(key);
    return undefined;
  }

  #store<T extends Body>(row: Parameters<Rows['put']>[0], body: object): Row<T> {
    const text = JSON.stringify(body);
    this.#rows.put(row, text);
    return { pk: row.pk, sk: row.sk, version: row.version, body: JSON.parse(text) as T, ...(row.expiresAt === undefined ? {} : { expiresAt: row.expiresAt }) };
  }

  #publish(event: OutgoingEvent): void {
    this.#rows.statement('INSERT INTO changes (event) VALUES (?)').run(JSON.stringify(event));
    this.#events = true;
  }

  #committed(): void {
    const committed = { keys: this.#keys, events: this.#events };
    this.#forget();
    for (const listener of this.#listeners) listener(committed);
  }

  #forget(): void {
    this.#keys = [];
    this.#events = false;
  }
}

function updated(write: Update, row: StoredRow | undefined): object {
  const body: Record<string, unknown> = { ...row?.body, ...write.set };
  for (const name of write.remove ?? []) delete body[name];
  for (const [name, amount] of Object.entries(write.add ?? {})) {
    const old = body[name] ?? 0;
    if (typeof old !== 'number') throw new StateUnavailable(`${name} is not a number`);
    body[name] = old + amount;
  }
  return body;
}
