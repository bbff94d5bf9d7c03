/** The Queue port on SQS. */
import { SendMessageBatchCommand, type SQSClient, type SendMessageBatchRequestEntry } from '@aws-sdk/client-sqs';
import type { Queue, QueuedMessage } from '../core/queue.ts';

const batchSize = 10;
/** Seconds. */
const longestDelay = 900;
const attempts = 3;
/** The most batches that are sent at the same time. */
const parallel = 8;

export class SqsQueue<Body extends object> implements Queue<Body> {
  readonly #sqs: SQSClient;
  readonly #url: string;

  constructor(sqs: SQSClient, url: string) {
    this.#sqs = sqs;
    this.#url = url;
  }

  async send(messages: readonly QueuedMessage<Body>[]): Promise<void> {
    const batches: SendMessageBatchRequestEntry[][] = [];
    for (let at = 0; at < messages.length; at += batchSize)
      batches.push(messages.slice(at, at + batchSize).map(entryOf));
    const work = Array.from({ length: Math.min(parallel, batches.length) }, async () => {
      for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) await this.#sendBatch(batch);
    });
    await Promise.all(work);
  }

  async #sendBatch(entries: readonly SendMessageBatchRequestEntry[]): Promise<void> {
    let rest = [...entries];
    for (let attempt = 1; ; attempt++) {
      const { Failed: failed = [] } = await this.#sqs.send(
        new SendMessageBatchCommand({ QueueUrl: this.#url, Entries: rest }),
      );
      if (failed.length === 0) return;
      if (attempt === attempts || failed.every(({ SenderFault }) => SenderFault === true))
        throw new Error(
          `${failed.length} messages were not sent: ${failed[0]?.Code ?? ''} ${failed[0]?.Message ?? ''}`,
        );
      rest = rest.filter(({ Id }) => failed.some((failure) => failure.Id === Id));
    }
  }
}

function entryOf({ body, delay = 0 }: QueuedMessage, index: number): SendMessageBatchRequestEntry {
  return {
    Id: String(index),
    MessageBody: JSON.stringify(body),
    DelaySeconds: Math.min(longestDelay, Math.ceil(Math.max(0, delay) / 1000)),
  };
}
