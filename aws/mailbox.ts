/**
 * The Mailbox port between functions and gateways: each gateway has a queue of its own, and the row of a
 * node's connection names its gateway. A wake that is lost costs seconds: gateways read again by themselves.
 */
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Log } from '../core/log.ts';
import type { Mailbox } from '../core/mailbox.ts';

/** @returns the gateway that holds the node's connection, if any does */
export type FindGateway = (nodeId: string) => Promise<string | undefined>;

export interface QueueMailboxParts {
  readonly sqs: SQSClient;
  /** A queue's URL is this and the gateway's id. */
  readonly queuePrefix: string;
  readonly findGateway: FindGateway;
  readonly log: Log;
}

export class QueueMailbox implements Mailbox {
  readonly #parts: QueueMailboxParts;
  readonly #listeners = new Set<(nodeId: string) => void>();
  readonly #sending = new Set<Promise<void>>();
  /** The gateway in this very process. */
  #own: string | undefined;

  constructor(parts: QueueMailboxParts) {
    this.#parts = parts;
  }

  wake(nodeId: string): void {
    // Never within the caller's turn: it has just committed and is about to answer.
    if (this.#listeners.size > 0) setImmediate(() => this.deliver(nodeId));
    const sent = this.#send(nodeId)
      .catch((error: unknown) =>
        this.#parts.log.warn('a node was not woken; its gateway will look by itself', { nodeId, error }),
      )
      .finally(() => this.#sending.delete(sent));
    this.#sending.add(sent);
  }

  onWake(listener: (nodeId: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Wakes for this gateway come by its queue from now on. */
  belongsTo(gatewayId: string): void {
    this.#own = gatewayId;
  }

  /** Tells who listens in this process. */
  deliver(nodeId: string): void {
    for (const listener of this.#listeners) listener(nodeId);
  }

  /** Resolves when all that was to be woken has been: before a Lambda function answers, and is frozen. */
  async settled(): Promise<void> {
    while (this.#sending.size > 0) await Promise.all(this.#sending);
  }

  async #send(nodeId: string): Promise<void> {
    const gateway = await this.#parts.findGateway(nodeId);
    if (gateway === undefined || gateway === this.#own) return;
    await this.#parts.sqs.send(
      new SendMessageCommand({
        QueueUrl: `${this.#parts.queuePrefix}${gateway}`,
        MessageBody: JSON.stringify({ nodeId }),
      }),
    );
  }
}
