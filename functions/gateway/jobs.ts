/**
 * The jobs that a control channel has sent and the agent has not acknowledged, and when each must be sent again. Pure.
 * Agents drop jobs that arrive in the first moments after they connect, and take ten at a time.
 */
export interface JobTiming {
  readonly resend: number;
  readonly round: number;
}

interface Job {
  /** Milliseconds between the last sending and the next one. */
  wait: number;
  /** Epoch milliseconds. */
  next: number;
  /** Acknowledged: kept until its row is gone. */
  done: boolean;
  /** The agent had no space for it. */
  refused: boolean;
}

/** An agent runs five jobs and buffers five. */
export const mostUnacknowledged = 10;

export class Jobs {
  readonly #jobs = new Map<string, Job>();
  readonly #timing: JobTiming;

  constructor(timing: JobTiming) {
    this.#timing = timing;
  }

  /** Forgets jobs whose messages are gone: delivered, cancelled or expired. */
  keep(messageIds: ReadonlySet<string>): void {
    for (const id of this.#jobs.keys()) if (!messageIds.has(id)) this.#jobs.delete(id);
  }

  /** Whether to send the message now. */
  isDue(messageId: string, now: number): boolean {
    const job = this.#jobs.get(messageId);
    return job === undefined ? this.#unacknowledged() < mostUnacknowledged : !job.done && job.next <= now;
  }

  sent(messageId: string, now: number): void {
    const wait = Math.min((this.#jobs.get(messageId)?.wait ?? this.#timing.resend / 2) * 2, this.#timing.round);
    this.#jobs.set(messageId, { wait, next: now + wait, done: false, refused: false });
  }

  /** Delays a job that the agent cannot take now. @param at epoch milliseconds */
  postpone(messageId: string, at: number): void {
    const job = this.#jobs.get(messageId);
    if (job === undefined || job.done) return;
    job.next = at;
    job.refused = true;
  }

  /**
   * The agent may have space for one job again: the job that has waited longest falls due. @returns whether there is
   * one
   */
  release(now: number): boolean {
    for (const job of this.#jobs.values()) {
      if (job.done || !job.refused) continue;
      job.next = now;
      job.refused = false;
      return true;
    }
    return false;
  }

  acknowledged(messageId: string): void {
    this.#jobs.set(messageId, { wait: 0, next: Infinity, done: true, refused: false });
  }

  /** When the next job must be sent, in epoch milliseconds; Infinity when none waits. */
  nextDue(): number {
    let next = Infinity;
    for (const job of this.#jobs.values()) if (!job.done && job.next < next) next = job.next;
    return next;
  }

  #unacknowledged(): number {
    let count = 0;
    for (const job of this.#jobs.values()) if (!job.done) count++;
    return count;
  }
}
