/** Runs when a node is deregistered: deletes its patch state. Its reports stay in the bucket. */
import type { EventHandler } from '../../../core/events.ts';
import { deletePatches } from './store.ts';

/** Once is enough: ids are never reused, and record-scan writes nothing for a deleted node. */
export const handler: EventHandler<{ readonly 'instance-id': string }> = async ({ detail }, context) =>
  deletePatches(context.state, detail['instance-id']);
