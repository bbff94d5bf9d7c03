/** Woken when a node registers: it is given its associations at once, and not only when it first asks. */
import type { EventHandler } from '../../../core/events.ts';
import { bringUpToDate } from './node-associations.ts';

export const handler: EventHandler<{ readonly 'instance-id': string }> = async (event, context) => {
  await bringUpToDate(event.detail['instance-id'], context);
};
