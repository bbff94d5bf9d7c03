/**
 * Replies until the service has them: kept on the disk, sent again under the same message id until they are
 * acknowledged. What is only interim is sent once and forgotten.
 */
import { randomUUID } from 'node:crypto';
import type { Log } from '../core/log.ts';
import { ServiceError } from '../core/http-client.ts';
import { JsonFolder } from './state-folder.ts';

export interface Reply {
  /** The same however often it is sent. */
  readonly messageId: string;
  readonly jobId: string;
  /** The report as JSON text. */
  readonly content: string;
  readonly savedAt: number;
  /** Whether it ends the command. */
  readonly final: boolean;
}

/** How a reply goes out: the control channel's frame, or a SendReply. `sent` waits for its acknowledgement. */
export type SendReply = (reply: Reply) => Promise<'acknowledged' | 'sent' | 'unsent'>;

/** A reply that waits, and when it is due to be sent again. */
interface Waiting {
  readonly reply: Reply;
  dueAt: number;
  pause: number;
}

const firstPause = 2_000;
const longestPause = 300_000;
/** A reply that the service has not wanted for so long is given up. */
const kept = 7 * 24 * 3600_000;

export class Replies {
  readonly #folder: JsonFolder<Reply>;
  readonly #log: Log;
  /** Oldest first. The disk has a copy of each; memory is what is sent from. */
  readonly #waiting = new Map<string, Waiting>();
  readonly #drained: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  #send: SendReply = async () => 'unsent';
  #round: Promise<void> | undefined;
  /** Something joined while a round was going, perhaps too late for it. */
  #onceMore = false;

  constructor(folder: string, log: Log) {
    this.#folder = new JsonFolder(folder);
    this.#log = log;
    const saved = this.#folder.names().flatMap((name) => this.#folder.read(name) ?? []);
    saved.sort((one, other) => one.savedAt - other.savedAt || Number(one.final) - Number(other.final));
    for (const reply of saved) this.#waiting.set(reply.messageId, { reply, dueAt: 0, pause: firstPause });
  }

  /** Through what replies go from now on; everything that waits is sent at once. */
  through(send: SendReply): void {
    this.#send = send;
    for (const waiting of this.#waiting.values()) Object.assign(waiting, { dueAt: 0, pause: firstPause });
    this.#flush();
  }

  /**
   * Keeps a reply and sends it. Durable when it returns, unless the disk is full: then it lives as long as this
   * process, which still knows the command's end and tells it.
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

  /** Sends something that need not arrive. */
  async sendOnce(reply: Pick<Reply, 'jobId' | 'content'>): Promise<void> {
    await this.#send({ ...reply, messageId: randomUUID(), savedAt: Date.now(), final: false }).catch(() => undefined);
  }

  acknowledged(messageId: string): void {
    if (!this.#waiting.delete(messageId)) return;
    this.#folder.remove(messageId);
    if (this.#waiting.size === 0) for (const drained of this.#drained.splice(0)) drained();
  }

  /** Whether a reply that ends this job waits to be acknowledged. */
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

  /** One round at a time; after it the clock is set for what is due next. Nothing waits, nothing ticks. */
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

  /** What is due, oldest first, those that join meanwhile included. */
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
        // One that the service does not want must not hold up the others; without a network all must wait.
        if (!(error instanceof ServiceError)) return;
      }
    }
  }
}

function postpone(waiting: Waiting): void {
  waiting.dueAt = Date.now() + waiting.pause;
  waiting.pause = Math.min(longestPause, waiting.pause * 2);
}
