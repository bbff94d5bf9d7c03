/** A node that was deregistered gets nothing any more: what waits for it is undeliverable. */
import type { Context } from '../../../core/context.ts';
import type { EventBridgeEvent } from '../../../core/events.ts';
import { endInvocations, endsPerTransaction } from './end-invocation.ts';
import { nudge } from './command-job.ts';
import { isTerminal } from './states.ts';
import { nodePartition, readInvocationRows } from './store.ts';

/** Wakes on `SSM Managed Instance Deregistration`. */
export async function handler(
  event: EventBridgeEvent<{ readonly 'instance-id': string }>,
  context: Context,
): Promise<void> {
  const nodeId = event.detail['instance-id'];
  let after: string | undefined;
  do {
    const page = await context.state.query({
      index: 'index1',
      pk: nodePartition(nodeId),
      reverse: true,
      limit: endsPerTransaction,
      after,
    });
    const rows = await readInvocationRows(
      context.state,
      page.rows.map(({ pk, sk }) => ({ pk, sk })),
    );
    const open = rows.filter(({ body }) => !isTerminal(body.state));
    if (open.length > 0) await endInvocations(open, 'Undeliverable', context);
    for (const { body } of open) nudge(body.commandId, context);
    after = page.next;
  } while (after !== undefined);
}
