/** At ExpiresAfter whatever is still open has timed out (run-command.md §4.4). */
import type { Context } from '../../../core/context.ts';
import { retryOnConflict } from '../../../core/retry-on-conflict.ts';
import { endInvocation } from './end-invocation.ts';
import { openInvocations } from './open-invocations.ts';
import { isTerminal } from './states.ts';
import { readInvocation } from './store.ts';

/** Ends every open invocation of a command as DeliveryTimedOut. Repeating it is harmless. */
export async function endOverdue(commandId: string, context: Context): Promise<void> {
  for await (const open of openInvocations(commandId, context)) {
    await retryOnConflict(async () => {
      const row = await readInvocation(context.state, commandId, open.nodeId);
      if (row !== undefined && !isTerminal(row.body.state)) await context.state.transact(endInvocation(row, 'DeliveryTimedOut', context));
    });
  }
}
