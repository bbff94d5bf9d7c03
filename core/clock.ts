/** The Clock port: the current time and alarms. Only signatures, tokens, certificates and sockets use real time. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /**
   * Calls `wake` once when the clock reaches `at` (epoch milliseconds), or soon if `at` has passed.
   * @returns a function that cancels the alarm
   * @example
   * const cancel = context.clock.alarm(context.clock.now() + 30_000, () => retry());
   */
  alarm(at: number, wake: () => void): () => void;
}

/** setTimeout takes at most 31 bits of milliseconds. Short sleeps also notice soon when the machine was suspended. */
const longestSleep = 60_000;

/** The machine's clock. */
export class SystemClock implements Clock {
  now(): number {
    return Date.now();
  }

  alarm(at: number, wake: () => void): () => void {
    let timeout: NodeJS.Timeout;
    const sleep = (): void => {
      const rest = at - Date.now();
      if (rest <= 0) wake();
      else timeout = setTimeout(sleep, Math.min(rest, longestSleep));
    };
    timeout = setTimeout(sleep, Math.max(0, Math.min(at - Date.now(), longestSleep)));
    return () => clearTimeout(timeout);
  }
}

/** A clock that moves only when told to: for tests and rehearsals. */
export class ManualClock implements Clock {
  #now: number;
  readonly #alarms = new Set<{ at: number; wake: () => void }>();

  /** @param start epoch milliseconds */
  constructor(start: number) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  alarm(at: number, wake: () => void): () => void {
    const alarm = { at, wake };
    if (at <= this.#now) {
      const immediate = setImmediate(wake);
      return () => clearImmediate(immediate);
    }
    this.#alarms.add(alarm);
    return () => this.#alarms.delete(alarm);
  }

  /** Moves the clock forward by `milliseconds` and calls the alarms that fall due, in order. */
  advance(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (;;) {
      let next: { at: number; wake: () => void } | undefined;
      for (const alarm of this.#alarms) if (alarm.at <= end && (next === undefined || alarm.at < next.at)) next = alarm;
      if (next === undefined) break;
      this.#alarms.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.wake();
    }
    this.#now = end;
  }
}
