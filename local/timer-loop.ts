/** Fires timers as they fall due, in this process: what EventBridge's schedule and the queue do on AWS. */
import type { Context } from '../core/context.ts';
import { timerPartition, timerShards, type Timer } from '../core/timers.ts';
import { fireTimer, type TimerHandlers } from '../functions/clock/fire-timer.ts';
import type { SqliteState } from './sqlite-state.ts';

/** Timers worked on at once. */
const concurrency = 32;
/** A claim that a dead worker left is looked at again after so long. */
const lookAgainAfter = 30_000;

export interface Loop {
  /** Resolves when nothing is being worked on. */
  idle(): Promise<void>;
  /** Takes nothing new up; resolves when what is under way is done. */
  stop(): Promise<void>;
}

export function startTimers({ state, handlers, context }: { readonly state: SqliteState; readonly handlers: TimerHandlers; readonly context: Context }): Loop {
  const underWay = new Map<string, Promise<void>>();
  let cancelAlarm: (() => void) | undefined;
  let alarmAt = Infinity;
  let looking: Promise<void> | undefined;
  let lookOnceMore = false;
  let stopped = false;

  const setAlarm = (at: number): void => {
    if (stopped || at >= alarmAt) return;
    cancelAlarm?.();
    alarmAt = at;
    cancelAlarm = context.clock.alarm(at, () => {
      alarmAt = Infinity;
      look();
    });
  };

  /** One look at a time; a wish meanwhile is one more. */
  const look = (): void => {
    if (stopped) return;
    if (looking !== undefined) {
      lookOnceMore = true;
      return;
    }
    looking = readDue()
      .catch((error: unknown) => {
        context.log.error('timers could not be read', { error });
        setAlarm(context.clock.now() + 1_000);
      })
      .finally(() => {
        looking = undefined;
        if (lookOnceMore) {
          lookOnceMore = false;
          look();
        }
      });
  };

  const readDue = async (): Promise<void> => {
    const now = context.clock.now();
    for (let shard = 0; shard < timerShards; shard++) {
      const page = await state.query<Timer>({ pk: timerPartition(shard), limit: concurrency });
      for (const { body: timer, sk } of page.rows) {
        if (timer.due > now) {
          setAlarm(timer.due);
          break;
        }
        if (underWay.has(sk)) continue;
        if ((timer.claimedUntil ?? 0) > now) setAlarm(Math.min(timer.claimedUntil ?? now, now + lookAgainAfter));
        else if (underWay.size >= concurrency) lookOnceMore = true;
        else work(sk, timer);
      }
    }
    // With every hand full, wait for one rather than look again at once.
    if (underWay.size >= concurrency && lookOnceMore) await Promise.race(underWay.values());
  };

  const work = (sk: string, timer: Timer): void => {
    const done = fireTimer(timer, handlers, context)
      .then(
        () => look,
        (error: unknown) => {
          context.log.error('a timer could not be worked on', { timer: timer.id, error });
          // Not at once: what keeps the state from being written now (a full disk) lasts.
          return () => setAlarm(context.clock.now() + 1_000);
        },
      )
      .then((next) => {
        underWay.delete(sk);
        next();
      });
    underWay.set(sk, done);
  };

  const unsubscribe = state.onCommit(({ keys }) => {
    for (const { pk, sk } of keys) {
      if (!pk.startsWith('TIMER#')) continue;
      const due = Number(sk.slice(0, sk.indexOf('#')));
      if (due <= context.clock.now()) look();
      else setAlarm(due);
    }
  });
  look();

  const idle = async (): Promise<void> => {
    while (looking !== undefined || underWay.size > 0) {
      await looking;
      await Promise.all(underWay.values());
    }
  };
  return {
    idle,
    stop: async () => {
      stopped = true;
      unsubscribe();
      cancelAlarm?.();
      await idle();
    },
  };
}
