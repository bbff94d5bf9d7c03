/** At ExpiresAfter whatever is still open has timed out (run-command.md §4.4). */
import type { Context } from '../../../core/context.ts';
import { manyAtOnce } from '../../../core/many-at-once.ts';
import { endInvocations, endsPerTransaction } from './end-invocation.ts';
import { openInvocations } from './open-invocations.ts';
import type { CommandBody } from './store.ts';

/** Transactions at once: a fleet's last minute must not take minutes. */
const atOnce = 8;

/** Ends every open invocation of a command as DeliveryTimedOut. Repeating it is harmless. */
export async function endOverdue(command: CommandBody, context: Context): Promise<void> {
  await manyAtOnce(openInvocations(command, context, endsPerTransaction), atOnce, (rows) =>
    endInvocations(rows, 'DeliveryTimedOut', context),
  );
}
