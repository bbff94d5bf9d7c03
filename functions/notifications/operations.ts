/** What this room gives the registry. */
import type { TimerHandler } from '../../core/timers.ts';
import { handleWebhookTimer } from './webhook/queue.ts';
import { webhookKind } from './webhook/timers.ts';

export { extensions } from './topics/extensions.ts';

export const timers: Readonly<Record<string, TimerHandler>> = { [webhookKind]: handleWebhookTimer };
