/** Woken when a node registers, and when its platform is known: its associations start on it at once. */
import type { EventHandler } from '../../../core/events.ts';
import { applyInTime } from './apply-in-time.ts';

export const handler: EventHandler<{ readonly 'instance-id': string }> = (event, context) =>
  applyInTime(event.detail['instance-id'], context);
