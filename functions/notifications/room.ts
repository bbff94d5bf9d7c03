import type { Room } from '../room.ts';
import { extensions } from './topics/extensions.ts';
import { handleWebhookTimer } from './webhook/queue.ts';
import { webhookKind } from './webhook/timers.ts';

export const room = { name: 'notifications', extensions, timers: { [webhookKind]: handleWebhookTimer } } satisfies Room;
