/**
 * Deliveries that wait for webhooks: keys and item shapes.
 *
 * | row | pk | sk |
 * |---|---|---|
 * | a delivery | `WEBHOOK#<topic>#<subscription>` | `<published ms>#<message>` |
 */
import { paddedTime } from '../../../core/keys-of-rows.ts';
import type { Delete, Key, Put } from '../../../core/state.ts';

export interface DeliveryBody {
  /** The same for every attempt. */
  readonly messageId: string;
  readonly topicArn: string;
  readonly message: string;
  /** Epoch milliseconds. */
  readonly publishedAt: number;
  /** Epoch milliseconds from which its waiting time is counted. */
  readonly queuedAt: number;
}

export interface Webhook {
  readonly topic: string;
  readonly id: string;
}

export const queuePartition = ({ topic, id }: Webhook): string => `WEBHOOK#${topic}#${id}`;

export function deliveryKey(
  webhook: Webhook,
  { publishedAt, messageId }: Pick<DeliveryBody, 'publishedAt' | 'messageId'>,
): Key {
  return { pk: queuePartition(webhook), sk: `${paddedTime(publishedAt)}#${messageId}` };
}

export function putDelivery(webhook: Webhook, delivery: DeliveryBody): Put<DeliveryBody> {
  return { put: deliveryKey(webhook, delivery), body: delivery };
}

export function deleteDelivery(webhook: Webhook, delivery: DeliveryBody): Delete {
  return { delete: deliveryKey(webhook, delivery) };
}
