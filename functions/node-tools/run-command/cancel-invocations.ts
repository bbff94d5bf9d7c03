/** Cancels invocations: what has not reached its node never will, and what runs is told to stop. */
import type { Context } from '../../../core/context.ts';
import { manyAtOnce } from '../../../core/many-at-once.ts';
import { retryOnConflict } from '../../../core/retry-on-conflict.ts';
import { ConditionFailed, type Row, type Write } from '../../../core/state.ts';
import { endInvocation, moveInvocation } from './end-invocation.ts';
import { cancelMessage } from './messages.ts';
import { isTerminal } from './states.ts';
import { readInvocation, type CommandBody, type InvocationBody } from './store.ts';

type OfCommand = Pick<CommandBody, 'commandId' | 'expiresAt'>;

/**
 * Cancels invocations of a command together; where one has changed meanwhile, each by itself, as it is by then.
 * @param rows at most 33: three rows of a transaction each
 */
export async function cancelInvocations(
  command: OfCommand,
  rows: readonly Row<InvocationBody>[],
  context: Context,
): Promise<void> {
  const wanted = rows.filter(isCancellable);
  if (wanted.length === 0) return;
  try {
    await context.state.transact(wanted.flatMap((row) => cancelWrites(command, row, context)));
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    await manyAtOnce(wanted, wanted.length, ({ body }) => cancelInvocation(command, body.nodeId, context));
    return;
  }
  for (const { body } of wanted) if (isRunning(body)) context.mailbox.wake(body.nodeId);
}

/** Cancels one, as it is now. */
export async function cancelInvocation(command: OfCommand, nodeId: string, context: Context): Promise<void> {
  const cancelled = await retryOnConflict(async () => {
    const row = await readInvocation(context.state, command.commandId, nodeId);
    if (row === undefined || !isCancellable(row)) return undefined;
    await context.state.transact(cancelWrites(command, row, context));
    return row.body;
  }, context);
  if (cancelled !== undefined && isRunning(cancelled)) context.mailbox.wake(nodeId);
}

function isCancellable({ body: { state } }: Row<InvocationBody>): boolean {
  return !isTerminal(state) && state !== 'Cancelling';
}

function isRunning({ state }: InvocationBody): boolean {
  return state === 'InProgress';
}

/**
 * A node that has the command is told to stop, and answers; one that has not never gets it. (Should its message be on
 * the way at this moment, the node's acknowledgement brings the cancel.)
 */
function cancelWrites(command: OfCommand, row: Row<InvocationBody>, context: Context): Write[] {
  if (!isRunning(row.body)) return endInvocation(row, 'Cancelled', context);
  return [moveInvocation(row, 'Cancelling', context), cancelMessage(command, row.body.nodeId, context)];
}
