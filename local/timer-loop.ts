/** Fires timers as they fall due, in this process: what EventBridge's schedule and a queue do on AWS. */
import type { Context } from '../core/context.ts';
import { timerKey, timerPartition, timerShards, type Timer } from '../core/timers.ts';
import { beginAlone, fireAlone, type TimerHandlers } from '../functions/clock/fire-timer.ts';
import type { Loop } from './dispatcher.ts';
import { OneAtATime } from './one-at-a-time.ts';
import type { Committed, SqliteState } from './sqlite-state.ts';

export interface TimerLoopParts {
  readonly state: SqliteState;
  /** By kind: the registry's. */
  readonly handlers: TimerHandlers;
  readonly context: Context;
}

/**
 * Timers worked on at once. The loop is shared: what the clock asks for must leave the greater part to those who wait
 * for an answer.
 */
const atOnce = 8;
/** Milliseconds after which one that is still worked on waits for something outside, and another may have its place. */
const handsOver = 100;
/** With those that wait. */
const most = 32;
const afterStateFailed = 1_000;

export function startTimers(parts: TimerLoopParts): Loop {
  return new TimerLoop(parts);
}

interface UnderWay {
  readonly shard: number;
  /** By `performance.now()`. */
  readonly since: number;
  work: Promise<void>;
  /** Whether its row was written or removed meanwhile. */
  touched: boolean;
  /** Whether it may have ended an earlier process. */
  readonly suspect: boolean;
}

class TimerLoop implements Loop {
  readonly #parts: TimerLoopParts;
  readonly #looking = new OneAtATime(() => this.#look());
  /** What is being worked on, by sort key. */
  readonly #underWay = new Map<string, UnderWay>();
  readonly #unsubscribe: () => void;
  /** Epoch milliseconds. What was due before may have ended the process before this one. */
  readonly #startedAt: number;
  #firstShard = 0;
  /** Whether timers that are due had to wait for a place. */
  #crowded = false;
  /** Places have been freed, and this turn's end will look who takes them. */
  #freed: Promise<void> | undefined;
  /**
   * Whether the state could not be written last time: then one timer at a time finds out when it can, and the log stays
   * short.
   */
  #stateFailed = false;
  /** Set while timers wait for places that others hold. */
  #handOver: NodeJS.Timeout | undefined;
  #alarmAt = Infinity;
  #cancelAlarm: (() => void) | undefined;
  #stopped = false;

  constructor(parts: TimerLoopParts) {
    this.#parts = parts;
    this.#startedAt = parts.context.clock.now();
    this.#unsubscribe = parts.state.onCommit((committed) => this.#committed(committed));
    this.#looking.run();
  }

  async idle(): Promise<void> {
    while (this.#looking.busy || this.#underWay.size > 0 || this.#freed !== undefined) {
      await this.#freed;
      await this.#looking.idle();
      await Promise.all([...this.#underWay.values()].map(({ work }) => work));
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unsubscribe();
    this.#cancelAlarm?.();
    clearTimeout(this.#handOver);
    await this.idle();
  }

  #committed({ keys }: Committed): void {
    const now = this.#parts.context.clock.now();
    for (const { pk, sk } of keys) {
      if (!pk.startsWith('TIMER#')) continue;
      const underWay = this.#underWay.get(sk);
      if (underWay !== undefined) {
        underWay.touched = true;
        continue;
      }
      const due = Number(sk.slice(0, sk.indexOf('#')));
      if (due <= now) this.#looking.run();
      else this.#wakeAt(due);
    }
  }

  /** Starts what is due, and sets the alarm for what is next. */
  async #look(): Promise<void> {
    const { context } = this.#parts;
    this.#crowded = false;
    try {
      // Each look begins with another shard: where more is due than can be worked on, none of them waits for all the
      // others.
      const first = this.#firstShard++;
      for (let offset = 0; offset < timerShards && !this.#stopped; offset++) {
        if (!(await this.#lookAt((first + offset) % timerShards))) return;
      }
    } catch (error) {
      context.log.error('timers could not be read', { error });
      this.#wakeAt(context.clock.now() + afterStateFailed);
    }
  }

  /** @returns false where one that is due has to wait for a place */
  async #lookAt(shard: number): Promise<boolean> {
    const { state, context } = this.#parts;
    let after: string | undefined;
    do {
      const besides = [...this.#underWay.values()].filter((one) => one.shard === shard).length;
      const page = await state.query<Timer>({
        pk: timerPartition(shard),
        limit: this.#places() + besides + 1,
        after,
        newer: 'skip',
      });
      for (const { body: timer, sk } of page.rows) {
        if (timer.due > context.clock.now()) {
          this.#wakeAt(timer.due);
          return true;
        }
        if (this.#underWay.has(sk)) continue;
        // Its end looks for the next.
        if (this.#isSuspect(timer) && [...this.#underWay.values()].some(({ suspect }) => suspect)) continue;
        if (this.#places() === 0) {
          this.#wait();
          return false;
        }
        this.#fire(sk, timer, shard);
      }
      // While it was read more places may have been freed than there were rows: nobody else would look at the rest.
      after = page.next;
    } while (after !== undefined && !this.#stopped);
    return true;
  }

  /** How many more may be worked on now. */
  #places(): number {
    const waitsSince = performance.now() - handsOver;
    const working = [...this.#underWay.values()].filter(({ since }) => since > waitsSince).length;
    return Math.max(0, Math.min((this.#stateFailed ? 1 : atOnce) - working, most - this.#underWay.size));
  }

  /** For a place: one that is freed, or one that is handed over. */
  #wait(): void {
    this.#crowded = true;
    if (this.#stopped) return;
    if (this.#stateFailed) return this.#wakeAt(this.#parts.context.clock.now() + afterStateFailed);
    this.#handOver ??= setTimeout(() => {
      this.#handOver = undefined;
      this.#looking.run();
    }, handsOver).unref();
  }

  #fire(sk: string, timer: Timer, shard: number): void {
    const { state, context } = this.#parts;
    const suspect = this.#isSuspect(timer);
    const underWay: UnderWay = { shard, since: performance.now(), touched: false, suspect, work: Promise.resolve() };
    this.#underWay.set(sk, underWay);
    const key = timerKey(timer);
    // A version does not tell: a timer that is set anew for the same moment begins at the first one again.
    const isTouched = (): boolean => underWay.touched || state.isBeingWritten(key);
    underWay.work = this.#work(timer, underWay, isTouched)
      .then(() => {
        underWay.touched = false;
        return state.get(key);
      })
      .then(
        (left) => {
          this.#stateFailed = false;
          // One that was set anew for the same moment, even while it was read, was not heard of: it was under way.
          const isOver = left === undefined && !underWay.touched && !suspect;
          return () => (isOver ? this.#placeFreed() : this.#looking.run());
        },
        (error: unknown) => {
          context.log.error('a timer could not be worked on', { timer: timer.id, kind: timer.kind, error });
          // Not at once: what keeps the state from being written now (a full disk) lasts.
          this.#stateFailed = true;
          clearTimeout(this.#handOver);
          this.#handOver = undefined;
          return () => this.#wakeAt(context.clock.now() + afterStateFailed);
        },
      )
      .then((next) => {
        this.#underWay.delete(sk);
        next();
      });
  }

  /**
   * A timer that was due before this process may have ended the one before it, and would end each that comes. So its
   * attempts are counted in its row, before it begins. The others need no such commit.
   */
  async #work(timer: Timer, underWay: UnderWay, isTouched: () => boolean): Promise<void> {
    const { handlers, context } = this.#parts;
    const isCounted = timer.due < this.#startedAt;
    if (isCounted) {
      if ((await beginAlone(timer, handlers, context)) !== 'begun') return;
      // That was this worker's own write.
      underWay.touched = false;
    }
    await fireAlone(timer, handlers, context, { isTouched, isCounted });
  }

  /**
   * Whether it was under way when a process ended. Those are fired one at a time: if one of them ends this process too,
   * the others have had no attempt.
   */
  #isSuspect({ due, claimedUntil }: Timer): boolean {
    return due < this.#startedAt && claimedUntil !== undefined;
  }

  /**
   * What was written meanwhile has been heard of with its commit; only what found no place is still to be looked for,
   * and then once for all places that one commit has freed: a look reads every shard.
   */
  #placeFreed(): void {
    if (!this.#crowded || this.#freed !== undefined) return;
    this.#freed = new Promise((resolve) =>
      setImmediate(() => {
        this.#freed = undefined;
        this.#looking.run();
        resolve();
      }),
    );
  }

  /** @param at epoch milliseconds */
  #wakeAt(at: number): void {
    if (this.#stopped || at >= this.#alarmAt) return;
    this.#cancelAlarm?.();
    this.#alarmAt = at;
    this.#cancelAlarm = this.#parts.context.clock.alarm(at, () => {
      this.#alarmAt = Infinity;
      this.#looking.run();
    });
  }
}
