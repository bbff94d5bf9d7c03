/** One delivery over HTTP, with SNS's headers and Flotilla's signature. */
import type { SubscriptionBody } from '../topics/store.ts';
import { webhookSignature } from './signature.ts';
import type { DeliveryBody } from './store.ts';

/** Milliseconds that a webhook has to answer. */
const timeout = 10_000;

/** @throws Error unless the answer is 2xx and in time; redirects are not followed */
export async function send(
  { id, url, format }: Pick<SubscriptionBody, 'id' | 'url' | 'format'>,
  delivery: DeliveryBody,
  secret: string,
): Promise<void> {
  const body = format === 'raw' ? delivery.message : JSON.stringify(notificationOf(delivery));
  // Real time, because the webhook's clock is real.
  const timestamp = Math.floor(Date.now() / 1000);
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'user-agent': 'Flotilla',
    'x-amz-sns-message-type': 'Notification',
    'x-amz-sns-message-id': delivery.messageId,
    'x-amz-sns-topic-arn': delivery.topicArn,
    'x-amz-sns-subscription-arn': `${delivery.topicArn}:${id}`,
    ...(format === 'raw' ? { 'x-amz-sns-rawdelivery': 'true' } : {}),
    'x-flotilla-timestamp': String(timestamp),
    'x-flotilla-signature': webhookSignature(secret, timestamp, body),
  };
  const answer = await fetch(url, {
    method: 'POST',
    headers,
    body,
    redirect: 'manual',
    signal: AbortSignal.timeout(timeout),
  });
  await answer.body?.cancel();
  if (!answer.ok) throw new Error(`the webhook answered ${answer.status}`);
}

/** SNS's own form, without its signature, which only SNS can make. */
function notificationOf({ messageId, topicArn, message, publishedAt }: DeliveryBody): object {
  return {
    Type: 'Notification',
    MessageId: messageId,
    TopicArn: topicArn,
    Message: message,
    Timestamp: new Date(publishedAt).toISOString(),
  };
}
