/** A gateway's own queue: created when the gateway starts, read while it runs, deleted when it stops. */
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteQueueCommand,
  ListQueuesCommand,
  QueueDoesNotExist,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { Log } from '../core/log.ts';

export interface GatewayQueueParts {
  readonly sqs: SQSClient;
  /** The start of a queue's URL; the gateway's id follows. The queue's name is what follows the last slash. */
  readonly queuePrefix: string;
  readonly gatewayId: string;
  readonly onWake: (nodeId: string) => void;
  readonly log: Log;
  /** Seconds that SQS waits for a message before it answers. Default 20, which is SQS's maximum. */
  readonly longPoll?: number;
}

/** Seconds. An older wake is not needed any more, because the gateway reads its nodes' rows regularly. */
const messageLife = 60;
const afterFailure = 5_000;
/** The most queues that a starting gateway checks: no Flotilla has so many gateways. */
const mostSwept = 100;

/** @returns a function that stops reading and deletes the queue */
export async function openGatewayQueue({
  sqs,
  queuePrefix,
  gatewayId,
  onWake,
  log,
  longPoll = 20,
}: GatewayQueueParts): Promise<() => Promise<void>> {
  const url = `${queuePrefix}${gatewayId}`;
  const create = () =>
    sqs.send(
      new CreateQueueCommand({
        QueueName: url.slice(url.lastIndexOf('/') + 1),
        Attributes: { MessageRetentionPeriod: String(messageLife), ReceiveMessageWaitTimeSeconds: String(longPoll) },
      }),
    );
  await create();
  const stop = new AbortController();
  const reading = read(stop.signal);

  async function read(abortSignal: AbortSignal): Promise<void> {
    while (!abortSignal.aborted) {
      try {
        const { Messages: messages = [] } = await sqs.send(
          new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10, WaitTimeSeconds: longPoll }),
          { abortSignal },
        );
        for (const nodeId of new Set(
          messages.map(({ Body }) => (JSON.parse(Body ?? '{}') as { nodeId?: string }).nodeId),
        ))
          if (nodeId !== undefined) onWake(nodeId);
        if (messages.length > 0)
          await sqs.send(
            new DeleteMessageBatchCommand({
              QueueUrl: url,
              Entries: messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle })),
            }),
          );
      } catch (error) {
        if (abortSignal.aborted) return;
        log.error('the queue of this gateway could not be read', { url, error });
        // Another gateway deleted the queue, because it took this gateway for dead while it could not renew its lease.
        if (error instanceof QueueDoesNotExist) await createAgain();
        else await pause(afterFailure, abortSignal);
      }
    }
  }

  async function createAgain(): Promise<void> {
    try {
      await create();
      log.warn('the queue of this gateway was gone and is there again', { url });
    } catch (error) {
      // SQS refuses a name for 60 seconds after its queue was deleted. Until then the gateway reads its nodes' rows.
      log.warn('the queue of this gateway cannot be made again yet', { url, error });
      await pause(afterFailure, stop.signal);
    }
  }

  return async () => {
    stop.abort();
    await reading;
    try {
      await sqs.send(new DeleteQueueCommand({ QueueUrl: url }));
    } catch (error) {
      if (!(error instanceof QueueDoesNotExist)) throw error;
    }
  };
}

/** Deletes the queues of gateways that died. @param lives whether a gateway is running */
export async function sweepGatewayQueues(
  sqs: SQSClient,
  queuePrefix: string,
  lives: (gatewayIds: readonly string[]) => Promise<ReadonlySet<string>>,
): Promise<number> {
  const namePrefix = queuePrefix.slice(queuePrefix.lastIndexOf('/') + 1);
  const { QueueUrls: urls = [] } = await sqs.send(
    new ListQueuesCommand({ QueueNamePrefix: namePrefix, MaxResults: mostSwept }),
  );
  const ids = urls.map((url) => url.slice(url.lastIndexOf('/') + 1 + namePrefix.length));
  const living = await lives(ids);
  const dead = urls.filter((_, index) => !living.has(ids[index]!));
  for (const url of dead) {
    try {
      await sqs.send(new DeleteQueueCommand({ QueueUrl: url }));
    } catch (error) {
      // Another starting gateway has deleted it.
      if (!(error instanceof QueueDoesNotExist)) throw error;
    }
  }
  return dead.length;
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timeout = setTimeout(done, milliseconds);
    function done(): void {
      clearTimeout(timeout);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done);
  });
}
