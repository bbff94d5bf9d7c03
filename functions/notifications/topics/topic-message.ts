/** A message to a topic, as an event: a room names it in the write that it tells of, and it is published after that. */
import type { Context } from '../../../core/context.ts';
import { newEvent, type OutgoingEvent } from '../../../core/events.ts';

export interface TopicMessage {
  readonly 'topic-arn': string;
  /** A text; JSON, mostly. */
  readonly message: string;
  /** For this one only: a message that was given up, and is sent again. */
  readonly 'subscription-id'?: string;
}

/** @param topicArn of a topic that there is: see check-topic.ts */
export function topicMessage(topicArn: string, message: string, context: Context): OutgoingEvent<TopicMessage> {
  return newEvent(context, 'Flotilla Topic Message', {
    resources: [topicArn],
    detail: { 'topic-arn': topicArn, message },
  });
}
