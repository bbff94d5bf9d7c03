/**
 * The Mailbox port between functions and gateways. Each gateway has its own queue, and the row of a node's connection
 * names its gateway. A lost wake costs seconds: gateways also read by themselves.
 */
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Log } from '../core/log.ts';
import type { Mailbox } from '../core/mailbox.ts';

/** @returns the id of the gateway that holds the node's connection, if there is one */
export type FindGateway = (nodeId: string) => Promise<string | undefined>;

export interface QueueMailboxParts {
  readonly sqs: SQSClient;
  /** The start of a queue's URL; the gateway's id follows. */
  readonly queuePrefix: string;
  readonly findGateway: FindGateway;
  readonly log: Log;
}

export class QueueMailbox implements Mailbox {
  readonly #parts: QueueMailboxParts;
  readonly #listeners = new Set<(nodeId: string) => void>();
  readonly #sending = new Set<Promise<void>>();
  /** The id of the gateway in this process. */
  #own: string | undefined;

  constructor(parts: QueueMailboxParts) {
    this.#parts = parts;
  }

  wake(nodeId: string): void {
    // Not in the caller's turn of the event loop: the caller is about to answer.
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

  /** From now on wakes for this gateway come through its queue. */
  belongsTo(gatewayId: string): void {
    this.#own = gatewayId;
  }

  /** Calls the listeners in this process. */
  deliver(nodeId: string): void {
    for (const listener of this.#listeners) listener(nodeId);
  }

  /** Resolves when all wakes are sent. A Lambda function waits for this before it answers and is frozen. */
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
