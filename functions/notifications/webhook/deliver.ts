/** Delivers the messages that wait for a webhook. */
import type { Context } from '../../../core/context.ts';
import { deadLetterWrites, describeError, retryPauses } from '../../../core/dead-letters.ts';
import { newEvent } from '../../../core/events.ts';
import { ConditionFailed, type Row } from '../../../core/state.ts';
import { secretPurpose, subscriptionKey, type SubscriptionBody } from '../topics/store.ts';
import type { TopicMessage } from '../topics/topic-message.ts';
import { send } from './send.ts';
import { deleteDelivery, queuePartition, type DeliveryBody, type Webhook } from './store.ts';
import { webhookTimer } from './timers.ts';

/** The most deliveries to one webhook at the same time. */
const atOnce = 8;
/**
 * Milliseconds. When a delivery that has waited longer fails, it becomes a dead letter, so that somebody looks at it.
 */
const longestWait = 3600_000;

/** Sends the waiting deliveries, oldest first, until none is left or the webhook fails. */
export async function deliverAll(webhook: Webhook, context: Context): Promise<void> {
  for (;;) {
    const subscription = await context.state.get<SubscriptionBody>(subscriptionKey(webhook.topic, webhook.id));
    if (subscription === undefined) return forget(webhook, context);
    if ((subscription.body.pausedUntil ?? 0) > context.clock.now()) return;
    const { rows } = await context.state.query<DeliveryBody>({ pk: queuePartition(webhook), limit: atOnce });
    if (rows.length === 0) return;
    const secret = Buffer.from(
      await context.keys.decrypt(subscription.body.secret, secretPurpose(subscription.body)),
    ).toString();
    const results = await Promise.allSettled(rows.map((row) => send(subscription.body, row.body, secret)));
    await context.state.batch(
      rows.flatMap((row, index) => (results[index]?.status === 'fulfilled' ? [deleteDelivery(webhook, row.body)] : [])),
    );
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) return pause(subscription, failed.reason, context);
    if (subscription.body.failures !== undefined)
      await note(subscription, { failures: undefined, pausedUntil: undefined }, context);
  }
}

/**
 * After each failure the pause before the next attempt grows. Deliveries that have waited too long become dead letters.
 */
async function pause(subscription: Row<SubscriptionBody>, reason: unknown, context: Context): Promise<void> {
  const { topic, id, failures = 0 } = subscription.body;
  const now = context.clock.now();
  const pausedUntil = now + (retryPauses[failures] ?? retryPauses.at(-1)!);
  context.log.warn('a webhook did not take a message', {
    topic,
    subscription: id,
    failures: failures + 1,
    error: reason,
  });
  await note(subscription, { failures: failures + 1, pausedUntil }, context);
  await context.state.write(webhookTimer(subscription.body, pausedUntil));
  await giveUp(subscription.body, { before: now - longestWait, reason, attempts: failures + 1 }, context);
}

async function note(
  subscription: Row<SubscriptionBody>,
  set: Pick<SubscriptionBody, 'failures' | 'pausedUntil'>,
  context: Context,
): Promise<void> {
  try {
    await context.state.write({ update: { pk: subscription.pk, sk: subscription.sk }, set, when: { row: 'present' } });
  } catch (error) {
    // The webhook was unsubscribed just now.
    if (!(error instanceof ConditionFailed)) throw error;
  }
}

/** Each takes two rows, and a transaction has at most 100. */
const lettersAtOnce = 50;

/** A replayed letter goes only to this webhook, because the others have the message. */
async function giveUp(
  webhook: Webhook,
  { before, reason, attempts }: { before: number; reason: unknown; attempts: number },
  context: Context,
): Promise<void> {
  for (;;) {
    const { rows } = await context.state.query<DeliveryBody>({ pk: queuePartition(webhook), limit: lettersAtOnce });
    const old = rows.filter((row) => row.body.queuedAt <= before);
    if (old.length === 0) return;
    await context.state.transact(
      old.flatMap(({ body }) => {
        const detail: TopicMessage = {
          'topic-arn': body.topicArn,
          message: body.message,
          'subscription-id': webhook.id,
        };
        const event = newEvent(context, 'Flotilla Topic Message', {
          id: body.messageId,
          time: body.publishedAt,
          resources: [body.topicArn],
          detail,
        });
        return [
          deleteDelivery(webhook, body),
          ...deadLetterWrites({
            kind: 'event',
            id: context.ids.uuid(),
            route: 'publish-topic-message',
            event,
            failedAt: context.clock.now(),
            attempts,
            error: describeError(reason),
          }),
        ];
      }),
    );
    if (rows.length < lettersAtOnce) return;
  }
}

/** The subscription is gone: its waiting deliveries are deleted. */
async function forget(webhook: Webhook, context: Context): Promise<void> {
  for (;;) {
    const { rows } = await context.state.query<DeliveryBody>({ pk: queuePartition(webhook), limit: 25 });
    if (rows.length === 0) return;
    await context.state.batch(rows.map((row) => deleteDelivery(webhook, row.body)));
  }
}
