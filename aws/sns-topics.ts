/** The Topics port on SNS. */
import type { Topics } from '../core/topics.ts';
import { endpointOf, QueryApi, type QueryApiOptions } from './query-api.ts';

export class SnsTopics implements Topics {
  readonly #credentials: QueryApiOptions['credentials'];

  constructor(credentials: QueryApiOptions['credentials']) {
    this.#credentials = credentials;
  }

  async publish(topicArn: string, message: string): Promise<void> {
    // A topic is published to in its own Region.
    const [, , , region = ''] = topicArn.split(':');
    const api = new QueryApi({
      service: 'sns',
      version: '2010-03-31',
      region,
      endpoint: endpointOf('sns', region),
      credentials: this.#credentials,
    });
    await api.call('Publish', { TopicArn: topicArn, Message: message });
  }
}
