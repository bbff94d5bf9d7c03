/** The writes by which an invocation changes its state. One place, so that no change forgets its event. */
import type { Context } from '../../../core/context.ts';
import { manyAtOnce } from '../../../core/many-at-once.ts';
import { retryOnConflict } from '../../../core/retry-on-conflict.ts';
import { ConditionFailed, type Row, type Write } from '../../../core/state.ts';
import { deleteMessage } from '../../nodes/index.ts';
import { invocationDelta } from './counter-deltas.ts';
import { invocationStatusChanged } from './events.ts';
import { commandMessageId } from './messages.ts';
import { isTerminal, type InvocationState } from './states.ts';
import { invocationKey, readInvocation, type InvocationBody } from './store.ts';

/** Takes an invocation to another state, with its event, provided nobody changed it meanwhile. */
export function moveInvocation(
  row: Row<InvocationBody>,
  to: InvocationState,
  context: Context,
  also: Partial<InvocationBody> = {},
): Write {
  return {
    update: invocationKey(row.body.commandId, row.body.nodeId),
    set: { ...also, state: to },
    when: { version: row.version },
    events: invocationStatusChanged(row.body, to, context, also.acknowledged === true),
  };
}

/** Ends of one transaction of 100 rows: three each. */
export const endsPerTransaction = 33;

/**
 * Ends an invocation: its state, the delta of the command's counters, and the message that need not be
 * delivered any more.
 */
export function endInvocation(
  row: Row<InvocationBody>,
  to: InvocationState,
  context: Context,
  also: Partial<InvocationBody> = {},
): Write[] {
  if (!isTerminal(to)) throw new Error(`${to} does not end an invocation`);
  return [
    moveInvocation(row, to, context, also),
    invocationDelta(row.body, { kind: 'ended', state: to }, context.clock.now()),
    deleteMessage(row.body.nodeId, commandMessageId(row.body.commandId, row.body.nodeId)),
  ];
}

/**
 * Ends open invocations, of whatever commands, together; one that has moved meanwhile on its own, as it is by then.
 * @param rows at most {@link endsPerTransaction}
 */
export async function endInvocations(
  rows: readonly Row<InvocationBody>[],
  to: InvocationState,
  context: Context,
): Promise<void> {
  try {
    await context.state.transact(rows.flatMap((row) => endInvocation(row, to, context)));
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    await manyAtOnce(rows, rows.length, ({ body }) => endIfOpen(body, to, context));
  }
}

async function endIfOpen({ commandId, nodeId }: InvocationBody, to: InvocationState, context: Context): Promise<void> {
  await retryOnConflict(async () => {
    const row = await readInvocation(context.state, commandId, nodeId);
    if (row !== undefined && !isTerminal(row.body.state)) await context.state.transact(endInvocation(row, to, context));
  }, context);
}
