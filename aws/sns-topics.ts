/** The Topics port on SNS. */
import type { SNSClient, SNSClientConfig } from '@aws-sdk/client-sns';
import type { Topics } from '../core/topics.ts';

/** A FIFO topic delivers the messages of one group in the order of publication. */
const fifoGroup = 'flotilla';

export class SnsTopics implements Topics {
  readonly #config: SNSClientConfig;
  /** Each topic needs a client for its Region. */
  readonly #clients = new Map<string, SNSClient>();

  constructor(config: SNSClientConfig = {}) {
    this.#config = config;
  }

  async publish(topicArn: string, message: string, id: string): Promise<void> {
    // Only one function publishes. The others do not load the client, so that they start faster.
    const { PublishCommand, SNSClient } = await import('@aws-sdk/client-sns');
    const [, , , region = ''] = topicArn.split(':');
    let client = this.#clients.get(region);
    if (client === undefined) this.#clients.set(region, (client = new SNSClient({ ...this.#config, region })));
    await client.send(
      new PublishCommand({
        TopicArn: topicArn,
        Message: message,
        // Only FIFO topics accept these members, and they need both.
        ...(topicArn.endsWith('.fifo') ? { MessageGroupId: fifoGroup, MessageDeduplicationId: id } : {}),
      }),
    );
  }
}
