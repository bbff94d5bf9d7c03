/** Woken when a node is deregistered: what runs waits for it no longer. */
import type { EventHandler } from '../../../core/events.ts';
import { getNode } from '../../nodes/index.ts';
import { forgetNode } from './node-associations.ts';

export const handler: EventHandler<{ readonly 'instance-id': string }> = async (event, context) => {
  const nodeId = event.detail['instance-id'];
  if ((await getNode(context, nodeId)) === undefined) await forgetNode(nodeId, context);
};
