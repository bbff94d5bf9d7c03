/** Woken when a node is unregistered: its patch state goes with it. Its reports stay in the bucket. */
import type { EventHandler } from '../../../core/events.ts';
import { deletePatches } from './store.ts';

/** An id is never given again, and record-scan writes nothing for a node that is gone: once is enough. */
export const handler: EventHandler<{ readonly 'instance-id': string }> = async ({ detail }, context) =>
  deletePatches(context.state, detail['instance-id']);
