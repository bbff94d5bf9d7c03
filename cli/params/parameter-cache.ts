/** What was answered, for as long as it may be answered again. */
import { LRUCache } from 'lru-cache';

export interface CacheLimits {
  /** Answers that are kept; 0: none. */
  readonly size: number;
  /** How long; 0: not at all. */
  readonly ttlMs: number;
}

export class AnswerCache {
  readonly #limits: CacheLimits;
  readonly #now: () => number;
  readonly #kept: LRUCache<string, { readonly answer: string; readonly until: number }>;
  readonly #underWay = new Map<string, Promise<string>>();

  /** @param now ms, of a clock that nobody sets */
  constructor(limits: CacheLimits, now: () => number = () => performance.now()) {
    this.#limits = limits;
    this.#now = now;
    this.#kept = new LRUCache({ max: limits.size });
  }

  /**
   * What is kept, or what `load` answers: asked once, however many ask at the time. What fails is not kept. Without a
   * cache each asks for itself, for it may have written just before.
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
      // Counted from the question: the answer was true then, and nobody knows since.
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
