/** A node that was deregistered gets nothing any more: what waits for it is undeliverable. */
import type { Context } from '../../../core/context.ts';
import type { EventBridgeEvent } from '../../../core/events.ts';
import { retryOnConflict } from '../../../core/retry-on-conflict.ts';
import { endInvocation } from './end-invocation.ts';
import { nudge } from './nudge.ts';
import { isTerminal } from './states.ts';
import { nodePartition, readInvocation, type InvocationBody } from './store.ts';

/** Wakes on `SSM Managed Instance Deregistration`. */
export async function handler(event: EventBridgeEvent<{ readonly 'instance-id': string }>, context: Context): Promise<void> {
  const nodeId = event.detail['instance-id'];
  let after: string | undefined;
  do {
    const page = await context.state.query<InvocationBody>({ index: 'index1', pk: nodePartition(nodeId), reverse: true, limit: 100, after });
    for (const { body } of page.rows) if (!isTerminal(body.state)) await fail(body, context);
    after = page.next;
  } while (after !== undefined);
}

async function fail(invocation: InvocationBody, context: Context): Promise<void> {
  await retryOnConflict(async () => {
    const row = await readInvocation(context.state, invocation.commandId, invocation.nodeId);
    if (row !== undefined && !isTerminal(row.body.state)) await context.state.transact(endInvocation(row, 'Undeliverable', context));
  });
  nudge(invocation.commandId, context);
}
