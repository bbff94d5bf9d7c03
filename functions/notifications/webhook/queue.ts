/**
 * Deliveries to webhooks wait in a queue of each webhook's own: one that is slow or away holds up nobody but
 * itself. A queue is worked off in the background; a timer is there as long as it holds something, for the
 * process that died.
 */
import type { Context } from '../../../core/context.ts';
import { ConditionFailed } from '../../../core/state.ts';
import { finishTimer, rearmTimer, type Timer } from '../../../core/timers.ts';
import { deliverAll } from './deliver.ts';
import { putDelivery, queuePartition, type DeliveryBody, type Webhook } from './store.ts';
import { nextMinutesTimer, webhookOf } from './timers.ts';

/** Puts a message into a webhook's queue, durably, and has it worked off. The same message twice is there once. */
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
    // Fired twice: the other one has armed the next.
    if (!(error instanceof ConditionFailed)) throw error;
  }
}

function workOff(webhook: Webhook, context: Context): void {
  context.background.run(queuePartition(webhook), context.log, () => deliverAll(webhook, context));
}
