/**
 * Topics: keys and item shapes.
 *
 * | row | pk | sk |
 * |---|---|---|
 * | topic | `TOPICS` | `<name>` |
 * | subscription of a topic | `TOPIC#<name>` | `<subscription>` |
 *
 * There are few topics, because people make them: one partition lists them all.
 */
import { queryAll, type Key, type Row, type State } from '../../../core/state.ts';

export interface TopicBody {
  readonly name: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
}

/** `raw`: the body is only the message; `sns`: the body is the JSON that SNS sends. */
export type WebhookFormat = 'raw' | 'sns';

export interface SubscriptionBody {
  readonly id: string;
  readonly topic: string;
  readonly url: string;
  readonly format: WebhookFormat;
  /** Signs the subscription's deliveries; stored encrypted. */
  readonly secret: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /** The number of failed attempts in a row. */
  readonly failures?: number | undefined;
  /** Epoch milliseconds until which nothing is sent. */
  readonly pausedUntil?: number | undefined;
}

export const topicsPartition = 'TOPICS';
export const topicKey = (name: string): Key => ({ pk: topicsPartition, sk: name });
export const subscriptionPartition = (topic: string): string => `TOPIC#${topic}`;
export const subscriptionKey = (topic: string, id: string): Key => ({ pk: subscriptionPartition(topic), sk: id });

/** The encryption context of a subscription's secret. */
export const secretPurpose = ({
  topic,
  id,
}: Pick<SubscriptionBody, 'topic' | 'id'>): Readonly<Record<string, string>> => ({
  purpose: 'webhook-secret',
  topic,
  subscription: id,
});

export async function readSubscriptions(state: State, topic: string): Promise<Row<SubscriptionBody>[]> {
  return queryAll<SubscriptionBody>(state, { pk: subscriptionPartition(topic) });
}
