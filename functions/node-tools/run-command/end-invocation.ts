/** The writes by which an invocation changes its state. One place, so that no change forgets its event. */
import type { Context } from '../../../core/context.ts';
import type { Row, Write } from '../../../core/state.ts';
import { deleteMessage } from '../../nodes/index.ts';
import { invocationStatusChanged } from './events.ts';
import { commandMessageId } from './messages.ts';
import { isTerminal, type InvocationState } from './states.ts';
import { invocationKey, putNews, type InvocationBody } from './store.ts';

/** Takes an invocation to another state, with its event, provided nobody changed it meanwhile. */
export function moveInvocation(row: Row<InvocationBody>, to: InvocationState, context: Context, also: Partial<InvocationBody> = {}): Write {
  return {
    update: invocationKey(row.body.commandId, row.body.nodeId),
    set: { ...also, state: to },
    when: { version: row.version },
    events: invocationStatusChanged(row.body, to, context, also.acknowledged === true),
  };
}

/**
 * Ends an invocation: its state, the news for the command's counters, and the message that need not be
 * delivered any more. Three rows, so that thirty fit a transaction.
 */
export function endInvocation(row: Row<InvocationBody>, to: InvocationState, context: Context, also: Partial<InvocationBody> = {}): Write[] {
  if (!isTerminal(to)) throw new Error(`${to} does not end an invocation`);
  return [moveInvocation(row, to, context, also), putNews(row.body, 'ended', to), deleteMessage(row.body.nodeId, commandMessageId(row.body.commandId, row.body.nodeId))];
}
