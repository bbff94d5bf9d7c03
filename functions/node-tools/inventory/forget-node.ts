/** Woken when a node is unregistered: what it has reported goes with it. */
import type { EventHandler } from '../../../core/events.ts';
import { deleteInventory } from './store.ts';

/** A report that was under way may be left behind: it expires by itself. */
export const handler: EventHandler<{ readonly 'instance-id': string }> = async ({ detail }, context) =>
  deleteInventory(context.state, detail['instance-id']);
