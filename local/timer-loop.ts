/** Fires timers as they fall due, in this process: what EventBridge's schedule and a queue do on AWS. */
import type { Context } from '../core/context.ts';
import { timerKey, timerPartition, timerShards, type Timer } from '../core/timers.ts';
import { fireTimer, type TimerHandlers } from '../functions/clock/fire-timer.ts';
import type { Loop } from './dispatcher.ts';
import { OneAtATime } from './one-at-a-time.ts';
import type { Committed, SqliteState } from './sqlite-state.ts';

export interface TimerLoopParts {
  readonly state: SqliteState;
  /** By kind: the registry's. */
  readonly handlers: TimerHandlers;
  readonly context: Context;
}

/** Timers worked on at once. */
const concurrency = 32;
const afterStateFailed = 1_000;

export function startTimers(parts: TimerLoopParts): Loop {
  return new TimerLoop(parts);
}

class TimerLoop implements Loop {
  readonly #parts: TimerLoopParts;
  readonly #looking = new OneAtATime(() => this.#look());
  /** What is being worked on, by sort key. */
  readonly #underWay = new Map<string, Promise<void>>();
  readonly #unsubscribe: () => void;
  /** Whether timers that are due had to wait for a place. */
  #crowded = false;
  /** Places have been freed, and this turn's end will look who takes them. */
  #freed: Promise<void> | undefined;
  /** Whether the state could not be written last time: then one timer at a time finds out when it can, and the log stays short. */
  #stateFailed = false;
  #alarmAt = Infinity;
  #cancelAlarm: (() => void) | undefined;
  #stopped = false;

  constructor(parts: TimerLoopParts) {
    this.#parts = parts;
    this.#unsubscribe = parts.state.onCommit((committed) => this.#committed(committed));
    this.#looking.run();
  }

  async idle(): Promise<void> {
    while (this.#looking.busy || this.#underWay.size > 0 || this.#freed !== undefined) {
      await this.#freed;
      await this.#looking.idle();
      await Promise.all(this.#underWay.values());
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unsubscribe();
    this.#cancelAlarm?.();
    await this.idle();
  }

  #committed({ keys }: Committed): void {
    const now = this.#parts.context.clock.now();
    for (const { pk, sk } of keys) {
      if (!pk.startsWith('TIMER#') || this.#underWay.has(sk)) continue;
      const due = Number(sk.slice(0, sk.indexOf('#')));
      if (due <= now) this.#looking.run();
      else this.#wakeAt(due);
    }
  }

  /** Starts what is due, and sets the alarm for what is next. */
  async #look(): Promise<void> {
    const { state, context } = this.#parts;
    this.#crowded = false;
    try {
      for (let shard = 0; shard < timerShards && !this.#stopped; shard++) {
        const { rows } = await state.query<Timer>({ pk: timerPartition(shard), limit: concurrency + 1 });
        for (const { body: timer, sk } of rows) {
          if (timer.due > context.clock.now()) {
            this.#wakeAt(timer.due);
            break;
          }
          if (this.#underWay.has(sk)) continue;
          if (this.#underWay.size >= (this.#stateFailed ? 1 : concurrency)) {
            this.#crowded = true;
            return;
          }
          this.#fire(sk, timer);
        }
      }
    } catch (error) {
      context.log.error('timers could not be read', { error });
      this.#wakeAt(context.clock.now() + afterStateFailed);
    }
  }

  #fire(sk: string, timer: Timer): void {
    const { state, handlers, context } = this.#parts;
    const work = fireTimer(timer, handlers, context, { alone: true })
      .then(() => state.get(timerKey(timer)))
      .then(
        (left) => {
          this.#stateFailed = false;
          // One that its handler set anew for the same moment was not heard of: it was under way.
          return () => (left === undefined ? this.#placeFreed() : this.#looking.run());
        },
        (error: unknown) => {
          context.log.error('a timer could not be worked on', { timer: timer.id, kind: timer.kind, error });
          // Not at once: what keeps the state from being written now (a full disk) lasts.
          this.#stateFailed = true;
          return () => this.#wakeAt(context.clock.now() + afterStateFailed);
        },
      )
      .then((next) => {
        this.#underWay.delete(sk);
        next();
      });
    this.#underWay.set(sk, work);
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
