/**
 * Replies that the service has not acknowledged: they are kept on the disk and sent again with the same message id.
 * Interim replies are sent once and not kept.
 */
import { randomUUID } from 'node:crypto';
import type { Log } from '../core/log.ts';
import { ServiceError } from '../core/http-client.ts';
import { JsonFolder } from './state-folder.ts';

export interface Reply {
  /** The same for every attempt. */
  readonly messageId: string;
  readonly jobId: string;
  /** The report as JSON text. */
  readonly content: string;
  readonly savedAt: number;
  /** Whether it ends the command. */
  readonly final: boolean;
}

/**
 * Sends a reply: with a frame of the control channel, or with SendReply. `sent` means that its acknowledgement will
 * come later.
 */
export type SendReply = (reply: Reply) => Promise<'acknowledged' | 'sent' | 'unsent'>;

/** A reply that waits, and when it must be sent again. */
interface Waiting {
  readonly reply: Reply;
  dueAt: number;
  pause: number;
}

const firstPause = 2_000;
const longestPause = 300_000;
/** Milliseconds after which a reply that the service has not acknowledged is given up. */
const kept = 7 * 24 * 3600_000;

export class Replies {
  readonly #folder: JsonFolder<Reply>;
  readonly #log: Log;
  /** Oldest first. Each is also on the disk; they are sent from memory. */
  readonly #waiting = new Map<string, Waiting>();
  readonly #drained: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  #send: SendReply = async () => 'unsent';
  #round: Promise<void> | undefined;
  /** A reply was added during a round, perhaps too late for it. */
  #onceMore = false;

  constructor(folder: string, log: Log) {
    this.#folder = new JsonFolder(folder);
    this.#log = log;
    const saved = this.#folder.names().flatMap((name) => this.#folder.read(name) ?? []);
    saved.sort((one, other) => one.savedAt - other.savedAt || Number(one.final) - Number(other.final));
    for (const reply of saved) this.#waiting.set(reply.messageId, { reply, dueAt: 0, pause: firstPause });
  }

  /** Sets how replies are sent from now on; all waiting replies are sent at once. */
  through(send: SendReply): void {
    this.#send = send;
    for (const waiting of this.#waiting.values()) Object.assign(waiting, { dueAt: 0, pause: firstPause });
    this.#flush();
  }

  /**
   * Stores a reply and sends it. It is durable when this returns, unless the disk is full: then it is kept in memory,
   * as long as this process lives.
   */
  save(reply: Omit<Reply, 'messageId' | 'savedAt'>): void {
    const saved = { ...reply, messageId: randomUUID(), savedAt: Date.now() };
    this.#waiting.set(saved.messageId, { reply: saved, dueAt: 0, pause: firstPause });
    try {
      this.#folder.write(saved.messageId, saved);
    } catch (error) {
      this.#log.error('a reply could not be written to the disk; it is sent from memory', {
        jobId: reply.jobId,
        error,
      });
    }
    this.#flush();
  }

  /** Sends a reply that may be lost. */
  async sendOnce(reply: Pick<Reply, 'jobId' | 'content'>): Promise<void> {
    await this.#send({ ...reply, messageId: randomUUID(), savedAt: Date.now(), final: false }).catch(() => undefined);
  }

  acknowledged(messageId: string): void {
    if (!this.#waiting.delete(messageId)) return;
    this.#folder.remove(messageId);
    if (this.#waiting.size === 0) for (const drained of this.#drained.splice(0)) drained();
  }

  /** Whether the last reply of this job waits for its acknowledgement. */
  hasFinal(jobId: string): boolean {
    return [...this.#waiting.values()].some(({ reply }) => reply.final && reply.jobId === jobId);
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** Resolves when all are acknowledged, and at the latest after `milliseconds`. */
  async drained(milliseconds: number): Promise<void> {
    if (this.#waiting.size === 0) return;
    this.#flush();
    await new Promise<void>((resolve) => {
      const tooLate = setTimeout(resolve, milliseconds);
      this.#drained.push(() => (clearTimeout(tooLate), resolve()));
    });
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#send = async () => 'unsent';
  }

  /**
   * Runs one round at a time; then a timer is set for the next reply that is due. No timer runs while nothing waits.
   */
  #flush(): void {
    if (this.#round !== undefined) {
      this.#onceMore = true;
      return;
    }
    clearTimeout(this.#timer);
    this.#round = Promise.resolve()
      .then(() => this.#sendDue())
      .finally(() => {
        this.#round = undefined;
        if (this.#waiting.size === 0) return;
        if (this.#onceMore) {
          this.#onceMore = false;
          return this.#flush();
        }
        const next = Math.min(...[...this.#waiting.values()].map(({ dueAt }) => dueAt));
        this.#timer = setTimeout(() => this.#flush(), Math.max(next - Date.now(), next === 0 ? firstPause : 10));
        this.#timer.unref();
      });
  }

  /** Sends what is due, oldest first, including replies that are added meanwhile. */
  async #sendDue(): Promise<void> {
    for (const [messageId, waiting] of this.#waiting) {
      if (Date.now() < waiting.dueAt) continue;
      if (Date.now() - waiting.reply.savedAt > kept) {
        this.acknowledged(messageId);
        continue;
      }
      try {
        const outcome = await this.#send(waiting.reply);
        if (outcome === 'unsent') return;
        if (outcome === 'acknowledged') this.acknowledged(messageId);
        else postpone(waiting);
      } catch (error) {
        this.#log.warn('a reply could not be sent; it will be again', { jobId: waiting.reply.jobId, error });
        postpone(waiting);
        // A reply that the service refuses must not delay the others. Without a network all must wait.
        if (!(error instanceof ServiceError)) return;
      }
    }
  }
}

function postpone(waiting: Waiting): void {
  waiting.dueAt = Date.now() + waiting.pause;
  waiting.pause = Math.min(longestPause, waiting.pause * 2);
}
