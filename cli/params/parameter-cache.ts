/** A cache of answers with a time limit. */
import { LRUCache } from 'lru-cache';

export interface CacheLimits {
  /** The most answers in the cache; 0: no cache. */
  readonly size: number;
  /** Milliseconds that an answer is cached; 0: not at all. */
  readonly ttlMs: number;
}

export class AnswerCache {
  readonly #limits: CacheLimits;
  readonly #now: () => number;
  readonly #kept: LRUCache<string, { readonly answer: string; readonly until: number }>;
  readonly #underWay = new Map<string, Promise<string>>();

  /** @param now milliseconds of a clock that nobody can set */
  constructor(limits: CacheLimits, now: () => number = () => performance.now()) {
    this.#limits = limits;
    this.#now = now;
    // The library takes no size of 0; then nothing is ever put into it.
    this.#kept = new LRUCache({ max: Math.max(1, limits.size) });
  }

  /**
   * The cached answer, or the answer of `load`. Requests at the same time share one call. Failures are not cached.
   * Without a cache every request calls `load`, because its caller may just have written a value.
   */
  async get(key: string, load: () => Promise<string>): Promise<string> {
    if (this.#limits.size === 0 || this.#limits.ttlMs === 0) return load();
    const asked = this.#now();
    const kept = this.#kept.get(key);
    if (kept !== undefined && asked < kept.until) return kept.answer;
    const underWay = this.#underWay.get(key);
    if (underWay !== undefined) return underWay;
    const loading = load();
    this.#underWay.set(key, loading);
    try {
      const answer = await loading;
      // Counted from the request, when the answer was certainly right.
      this.#kept.set(key, { answer, until: asked + this.#limits.ttlMs });
      return answer;
    } catch (error) {
      this.#kept.delete(key);
      throw error;
    } finally {
      this.#underWay.delete(key);
    }
  }
}
