/** Publishes a message to its topic: to SNS, or to the queue of every subscribed webhook. */
import type { Context } from '../../../core/context.ts';
import type { EventBridgeEvent } from '../../../core/events.ts';
import { queueDelivery } from '../webhook/queue.ts';
import { readSubscriptions } from './store.ts';
import { parseTopicArn } from './topic-arn.ts';
import type { TopicMessage } from './topic-message.ts';

/** Runs on `Flotilla Topic Message`. A topic that was deleted meanwhile has no subscribers. */
export async function handler(event: EventBridgeEvent<TopicMessage>, context: Context): Promise<void> {
  const { 'topic-arn': arn, message, 'subscription-id': only } = event.detail;
  if (context.topics !== undefined) return context.topics.publish(arn, message, event.id);
  const name = parseTopicArn(arn)?.name;
  if (name === undefined) return;
  for (const { body } of await readSubscriptions(context.state, name))
    if (only === undefined || only === body.id)
      await queueDelivery(
        body,
        { messageId: event.id, topicArn: arn, message, publishedAt: Date.parse(event.time) },
        context,
      );
}
