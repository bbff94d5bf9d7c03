/**
 * Replies until the service has them: kept on the disk, sent again under the same message id until they are
 * acknowledged. What is only interim is sent once and forgotten.
 */
import { randomUUID } from 'node:crypto';
import type { Log } from '../core/log.ts';
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

/** How a reply goes out: the control channel's frame, or a SendReply. @returns whether it was acknowledged at once */
export type SendReply = (reply: Reply) => Promise<'acknowledged' | 'sent' | 'unsent'>;

const firstPause = 2_000;
const longestPause = 300_000;
/** A reply that the service has not wanted for so long is given up. */
const kept = 7 * 24 * 3600_000;

export class Replies {
  readonly #folder: JsonFolder<Reply>;
  readonly #log: Log;
  readonly #attempts = new Map<string, { at: number; pause: number }>();
  readonly #timer: NodeJS.Timeout;
  #send: SendReply = async () => 'unsent';
  #flushing = false;

  constructor(folder: string, log: Log) {
    this.#folder = new JsonFolder(folder);
    this.#log = log;
    this.#timer = setInterval(() => void this.flush(), firstPause);
    this.#timer.unref();
  }

  /** Through what replies go from now on; everything that waits is sent at once. */
  through(send: SendReply): void {
    this.#send = send;
    this.#attempts.clear();
    void this.flush();
  }

  /** Keeps a reply and sends it. Durable when it returns. */
  save(reply: Omit<Reply, 'messageId' | 'savedAt'>): void {
    const saved = { ...reply, messageId: randomUUID(), savedAt: Date.now() };
    this.#folder.write(saved.messageId, saved);
    void this.flush();
  }

  /** Sends something that need not arrive. */
  async sendOnce(reply: Pick<Reply, 'jobId' | 'content'>): Promise<void> {
    await this.#send({ ...reply, messageId: randomUUID(), savedAt: Date.now(), final: false }).catch(() => undefined);
  }

  acknowledged(messageId: string): void {
    this.#folder.remove(messageId);
    this.#attempts.delete(messageId);
  }

  /** Whether a reply that ends this job waits to be acknowledged. */
  hasFinal(jobId: string): boolean {
    return this.#waiting().some((reply) => reply.final && reply.jobId === jobId);
  }

  /** Sends what is due, oldest first. */
  async flush(): Promise<void> {
    if (this.#flushing) return;
    this.#flushing = true;
    try {
      for (const reply of this.#waiting()) {
        const attempt = this.#attempts.get(reply.messageId);
        if (attempt !== undefined && Date.now() < attempt.at) continue;
        const outcome = await this.#send(reply);
        if (outcome === 'unsent') return;
        if (outcome === 'acknowledged') this.acknowledged(reply.messageId);
        else {
          const pause = attempt === undefined ? firstPause : Math.min(longestPause, attempt.pause * 2);
          this.#attempts.set(reply.messageId, { at: Date.now() + pause, pause });
        }
      }
    } catch (error) {
      this.#log.warn('replies could not be sent; they will be again', { error });
    } finally {
      this.#flushing = false;
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #waiting(): Reply[] {
    const replies: Reply[] = [];
    for (const name of this.#folder.names()) {
      const reply = this.#folder.read(name);
      if (reply === undefined) continue;
      if (Date.now() - reply.savedAt > kept) this.#folder.remove(name);
      else replies.push(reply);
    }
    return replies.sort((one, other) => one.savedAt - other.savedAt || Number(one.final) - Number(other.final));
  }
}
