/** The timer of a webhook's queue. */
import { scheduleTimer, type Timer } from '../../../core/timers.ts';
import type { Put } from '../../../core/state.ts';
import type { Webhook } from './store.ts';

export const webhookKind = 'deliver-to-webhook';

const minute = 60_000;

/** @param due epoch milliseconds */
export function webhookTimer({ topic, id }: Webhook, due: number): Put<Timer> {
  return scheduleTimer({
    id: `${webhookKind}#${id}`,
    kind: webhookKind,
    key: JSON.stringify({ topic, id } satisfies Webhook),
    due,
    payload: {},
  });
}

/** Timers of the same minute are the same row, so a thousand messages set it once. */
export function nextMinutesTimer(webhook: Webhook, now: number): Put<Timer> {
  return webhookTimer(webhook, (Math.floor(now / minute) + 1) * minute);
}

export function webhookOf(timer: Pick<Timer, 'key'>): Webhook {
  return JSON.parse(timer.key) as Webhook;
}
