/** Time, as code may ask for it. Only signatures, tokens, certificates and sockets use real time. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /**
   * Calls `wake` once when the clock reaches `at` (epoch milliseconds), or soon if it has already.
   * @returns stops it
   */
  alarm(at: number, wake: () => void): () => void;
}

/** setTimeout holds 31 bits of milliseconds; and a machine that slept must not wait the rest of an hour. */
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

/** A clock that stands still until it is moved: for tests and rehearsals. */
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

  /** Moves on by `milliseconds`, ringing what falls due on the way in its order. */
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
