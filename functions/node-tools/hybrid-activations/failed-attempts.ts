/**
 * Counts recent attempts with a wrong code, in memory, for each activation and address: callers without a valid code
 * must not be able to cause writes, nor to block other callers.
 */
import { LRUCache } from 'lru-cache';

const window = 60_000;
const allowed = 10;

export class FailedAttempts {
  readonly #times = new LRUCache<string, readonly number[]>({ max: 10_000 });

  /** Whether the next attempt may be checked. @param now epoch milliseconds */
  mayTry(activationId: string, address: string, now: number): boolean {
    return this.#recent(activationId, address, now).length < allowed;
  }

  record(activationId: string, address: string, now: number): void {
    this.#times.set(`${activationId} ${address}`, [...this.#recent(activationId, address, now), now]);
  }

  #recent(activationId: string, address: string, now: number): readonly number[] {
    return (this.#times.get(`${activationId} ${address}`) ?? []).filter((time) => time > now - window);
  }
}
