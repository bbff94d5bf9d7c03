/** The State port on one SQLite file (docs/decisions/0003, 0004). One process opens it. */
import { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../core/clock.ts';
import type { OutgoingEvent } from '../../core/events.ts';
import type { Log } from '../../core/log.ts';
import { checkTransaction, keyOf, nameOf } from '../../core/state-limits.ts';
import {
  type Body,
  type Check,
  type Key,
  type Page,
  type Query,
  type Row,
  type Shaped,
  type State,
  type Write,
} from '../../core/state.ts';
import { copyDatabase } from './backup.ts';
import { Changes, type Change } from './changes.ts';
import { GroupCommit } from './group-commit.ts';
import { checkTogether, plan, type BatchWrite, type Look, type Plan } from './plan.ts';
import { Reader } from './reader.ts';
import { RecentRows } from './recent-rows.ts';
import { Rows } from './rows.ts';
import { prepare } from './schema.ts';

/** What a commit changed, for listeners in this process. */
export interface Committed {
  /** Rows put, updated or deleted. */
  readonly keys: readonly Key[];
  /** Whether there are new change rows. */
  readonly events: boolean;
}

export interface SqliteStateOptions {
  readonly file: string;
  readonly clock: Clock;
  readonly log: Log;
}

const sweepEvery = 60_000;
/** The most expired rows removed in one turn of the event loop, which is blocked meanwhile. */
const sweepRows = 500;
/** The most rows of one sweep. A fleet leaves far fewer in a minute. */
const sweepMost = 20_000;

export class SqliteState implements State {
  readonly #database: DatabaseSync;
  readonly #log: Log;
  readonly #recent = new RecentRows();
  readonly #reader: Reader;
  readonly #rows: Rows;
  readonly #changes: Changes;
  readonly #group: GroupCommit;
  readonly #listeners = new Set<(committed: Committed) => void>();
  readonly #sweeper: NodeJS.Timeout;
  #isWanted: (event: OutgoingEvent) => boolean = () => true;
  #keys: Key[] = [];
  #events = false;
  #closing: Promise<void> | undefined;

  constructor({ file, clock, log }: SqliteStateOptions) {
    this.#log = log;
    this.#database = new DatabaseSync(file);
    prepare(this.#database);
    this.#reader = new Reader(this.#database, clock, this.#recent);
    this.#rows = new Rows(this.#database);
    this.#changes = new Changes(this.#database);
    this.#group = new GroupCommit(this.#database, { committed: () => this.#tell(), undone: () => this.#undone() });
    this.#sweeper = setInterval(
      () => void this.sweep().catch((error: unknown) => log.warn('expired rows were not removed', { error })),
      sweepEvery,
    );
    this.#sweeper.unref();
  }

  get<T extends Body>(key: Key, known?: Shaped): Promise<Row<T> | undefined> {
    return this.#group.read(() => this.#reader.get<T>(key, known));
  }

  getMany<T extends Body>(keys: readonly Key[], known?: Shaped): Promise<readonly Row<T>[]> {
    return this.#group.read(() => this.#reader.getMany<T>(keys, known));
  }

  query<T extends Body>(query: Query): Promise<Page<T>> {
    return this.#group.read(() => this.#reader.page<T>(query));
  }

  async write<T extends Body>(write: Write): Promise<Row<T> | undefined> {
    const { row } = await this.#group.write(
      () => this.#plan(write),
      (planned) => this.#apply(planned),
    );
    if (row === undefined) return undefined;
    const { pk, sk, version, bodyText, expiresAt, shape } = row;
    return {
      pk,
      sk,
      version,
      body: JSON.parse(bodyText) as T,
      ...(expiresAt === undefined ? {} : { expiresAt }),
      ...(shape === undefined ? {} : { shape }),
    };
  }

  async transact(writes: readonly (Write | Check)[]): Promise<void> {
    if (writes.length === 0) return;
    await this.#group.write(
      () => {
        checkTransaction(writes);
        const plans = writes.map((write, order) => this.#plan(write, order));
        checkTogether(plans);
        return plans;
      },
      (plans) => plans.forEach((planned) => this.#apply(planned)),
    );
  }

  async batch(writes: readonly BatchWrite[]): Promise<void> {
    if (writes.length === 0) return;
    // When a row is written twice, the later write counts.
    const byKey = new Map(writes.map((write) => [nameOf(keyOf(write)), write]));
    await this.#group.write(
      () => [...byKey.values()].map((write) => plan(write, { ...this.#look(), anyShape: true })),
      (plans) => plans.forEach((planned) => this.#apply(planned)),
    );
  }

  /**
   * Events that no route wants are not stored from now on, as EventBridge drops events that match no rule. Until this
   * is called every event is stored.
   */
  keepOnly(isWanted: (event: OutgoingEvent) => boolean): void {
    this.#isWanted = isWanted;
  }

  /** Calls `listener` after every commit, before the writers get their answers. @returns a function that removes it */
  onCommit(listener: (committed: Committed) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Whether the open group has changed the row, so that {@link onCommit} has not reported it yet. */
  isBeingWritten({ pk, sk }: Key): boolean {
    return this.#keys.some((key) => key.sk === sk && key.pk === pk);
  }

  /** Events that wait for delivery, oldest first. @param after the last `seq` read */
  readChanges(after: number, limit: number): Promise<readonly Change[]> {
    return this.#group.read(() => this.#changes.read(after, limit));
  }

  /** Deletes events that have reached every route. */
  async deleteChanges(seqs: readonly number[]): Promise<void> {
    await this.#group.write(
      () => seqs,
      () => seqs.forEach((seq) => this.#changes.delete(seq)),
    );
  }

  /** Deletes expired rows. Readers do not see them, but they take space. */
  async sweep(): Promise<void> {
    for (let swept = 0; swept < sweepMost && this.#closing === undefined; swept += sweepRows) {
      const expired = this.#rows.expired(this.#reader.now, sweepRows);
      if (expired.length > 0) await this.batch(expired.map((key) => ({ delete: key })));
      if (expired.length < sweepRows) return;
    }
  }

  /**
   * Copies the state file while it is used, as it is at one moment, without blocking the event loop.
   * @param file is replaced once the copy is complete
   * @throws StateUnavailable
   */
  async backup(file: string): Promise<void> {
    await copyDatabase(this.#database.location()!, file);
  }

  holdIndexes(): void {
    this.#rows.holdIndexes();
  }

  releaseIndexes(): void {
    this.#rows.releaseIndexes();
  }

  /** Waits for the open group, then closes the file. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    clearInterval(this.#sweeper);
    await this.#group.close();
    this.#database.close();
  }

  #plan(write: Write | Check, order = 0): Plan {
    return plan(write, this.#look(), order);
  }

  #look(): Look {
    const { now } = this.#reader;
    return { find: (key) => this.#rows.find(key, now), place: (key) => this.#rows.place(key), now };
  }

  #apply({ key, row, deletes, place, events }: Plan): void {
    const wanted = events.filter(({ event }) => this.#isWanted(event));
    for (const { text } of wanted) this.#changes.add(text);
    if (row !== undefined) this.#rows.put(row, place);
    else if (deletes) this.#rows.delete(key, place);
    else return;
    this.#keys.push(key);
    this.#recent.forget(key);
    this.#events ||= wanted.length > 0;
  }

  #tell(): void {
    const committed = { keys: this.#keys, events: this.#events };
    this.#forget();
    for (const listener of this.#listeners) {
      try {
        listener(committed);
      } catch (error) {
        // The commit stands even when a listener fails, and its writers must be answered.
        this.#log.error('a listener to commits failed', { error });
      }
    }
  }

  #undone(): void {
    this.#recent.forgetAll();
    this.#forget();
  }

  #forget(): void {
    this.#keys = [];
    this.#events = false;
  }
}
