/**
 * Each webhook has its own queue of deliveries, so a slow or unreachable webhook delays only itself. The background
 * delivers a queue's messages. While a queue is not empty a timer exists, in case the process ends.
 */
import type { Context } from '../../../core/context.ts';
import { ConditionFailed } from '../../../core/state.ts';
import { finishTimer, rearmTimer, type Timer } from '../../../core/timers.ts';
import { deliverAll } from './deliver.ts';
import { putDelivery, queuePartition, type DeliveryBody, type Webhook } from './store.ts';
import { nextMinutesTimer, webhookOf } from './timers.ts';

/** Adds a message to a webhook's queue, durably, and starts its delivery. The same message is added only once. */
export async function queueDelivery(
  { topic, id }: Webhook,
  delivery: Omit<DeliveryBody, 'queuedAt'>,
  context: Context,
): Promise<void> {
  const now = context.clock.now();
  await context.state.transact([
    putDelivery({ topic, id }, { ...delivery, queuedAt: now }),
    nextMinutesTimer({ topic, id }, now),
  ]);
  workOff({ topic, id }, context);
}

/** The timer's handler. */
export async function handleWebhookTimer(timer: Timer, context: Context): Promise<void> {
  const webhook = webhookOf(timer);
  workOff(webhook, context);
  const { rows } = await context.state.query({ pk: queuePartition(webhook), limit: 1 });
  try {
    await context.state.transact(
      rows.length === 0
        ? [{ ...finishTimer(timer), when: { row: 'present' } }]
        : rearmTimer(timer, nextMinutesTimer(webhook, context.clock.now()).body),
    );
  } catch (error) {
    // The timer fired twice; the other run has set the next timer.
    if (!(error instanceof ConditionFailed)) throw error;
  }
}

function workOff(webhook: Webhook, context: Context): void {
  context.background.run(queuePartition(webhook), context.log, () => deliverAll(webhook, context));
}
