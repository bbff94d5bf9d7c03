/**
 * A message to a topic, as an event: a room names it in the write that it reports, and it is published after the write.
 */
import type { Context } from '../../../core/context.ts';
import { newEvent, type OutgoingEvent } from '../../../core/events.ts';

export interface TopicMessage {
  readonly 'topic-arn': string;
  /** A text, usually JSON. */
  readonly message: string;
  /** Only for this subscription: a dead letter that is sent again. */
  readonly 'subscription-id'?: string;
}

/** @param topicArn of an existing topic: see check-topic.ts */
export function topicMessage(topicArn: string, message: string, context: Context): OutgoingEvent<TopicMessage> {
  return newEvent(context, 'Flotilla Topic Message', {
    resources: [topicArn],
    detail: { 'topic-arn': topicArn, message },
  });
}
