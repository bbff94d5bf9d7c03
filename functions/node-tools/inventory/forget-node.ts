/** Runs when a node is deregistered: deletes what it has reported. */
import type { EventHandler } from '../../../core/events.ts';
import { deleteInventory } from './store.ts';

/** A report that arrives at the same time may remain: it expires by itself. */
export const handler: EventHandler<{ readonly 'instance-id': string }> = async ({ detail }, context) =>
  deleteInventory(context.state, detail['instance-id']);
