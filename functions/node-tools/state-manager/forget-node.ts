/** Woken when a node is deregistered: what runs waits for it no longer. */
import type { Context } from '../../../core/context.ts';
import { isOver } from '../../../core/deadline.ts';
import type { EventHandler } from '../../../core/events.ts';
import { retryOnConflict } from '../../../core/retry-on-conflict.ts';
import { forgetAssociations, getNode } from '../../nodes/index.ts';
import { removeFromNode } from './remove-from-node.ts';
import { appliedKey, readNodeAssociations } from './store.ts';

export const handler: EventHandler<{ readonly 'instance-id': string }> = async (event, context) => {
  const nodeId = event.detail['instance-id'];
  if ((await getNode(context, nodeId)) === undefined) await retryOnConflict(() => forgetNode(nodeId, context), context);
};

async function forgetNode(nodeId: string, context: Context): Promise<void> {
  for (const row of await readNodeAssociations(context.state, nodeId)) {
    // The event is delivered again: what is removed by then is done.
    if (isOver(context)) throw new Error(`the associations of ${nodeId} are not all removed yet`);
    await removeFromNode(row, [], context);
  }
  await context.state.batch([{ delete: appliedKey(nodeId) }]);
  // The count of them went with the node, and has been counted on by now.
  await context.state.write(forgetAssociations(nodeId));
}
