/**
 * Where topics are kept: keys and item shapes.
 *
 * | row | pk | sk |
 * |---|---|---|
 * | topic | `TOPICS` | `<name>` |
 * | subscription of a topic | `TOPIC#<name>` | `<subscription>` |
 *
 * People make topics, by the handful: one partition lists them.
 */
import { queryAll, type Key, type Row, type State } from '../../../core/state.ts';

export interface TopicBody {
  readonly name: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
}

/** `raw`: the message alone is the body; `sns`: within the JSON that SNS sends. */
export type WebhookFormat = 'raw' | 'sns';

export interface SubscriptionBody {
  readonly id: string;
  readonly topic: string;
  readonly url: string;
  readonly format: WebhookFormat;
  /** What its deliveries are signed with, encrypted. */
  readonly secret: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /** Deliveries that failed one after the other. */
  readonly failures?: number | undefined;
  /** Epoch milliseconds until which nothing is tried. */
  readonly pausedUntil?: number | undefined;
}

export const topicsPartition = 'TOPICS';
export const topicKey = (name: string): Key => ({ pk: topicsPartition, sk: name });
export const subscriptionPartition = (topic: string): string => `TOPIC#${topic}`;
export const subscriptionKey = (topic: string, id: string): Key => ({ pk: subscriptionPartition(topic), sk: id });

/** What a subscription's secret is encrypted for. */
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
