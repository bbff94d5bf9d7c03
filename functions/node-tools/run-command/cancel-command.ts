/** CancelCommand: what has not started never will; what runs is told to stop (run-command.md §4.5). */
import type { Context, RequestContext } from '../../../core/context.ts';
import { InvalidInstanceId } from '../../../core/errors.ts';
import { manyAtOnce } from '../../../core/many-at-once.ts';
import type { SsmInput, SsmOutput } from '../../../core/operations.ts';
import { retryOnConflict } from '../../../core/retry-on-conflict.ts';
import type { Row } from '../../../core/state.ts';
import type { Timer } from '../../../core/timers.ts';
import { endInvocation, moveInvocation } from './end-invocation.ts';
import { DuplicateInstanceId, InvalidCommandId } from './errors.ts';
import { cancelMessage } from './messages.ts';
import { nudge } from './nudge.ts';
import { openInvocations } from './open-invocations.ts';
import { requestCancel } from './request-cancel.ts';
import { spreadCommand } from './spread-command.ts';
import { isTerminal } from './states.ts';
import { readCommand, readInvocation, type CommandBody } from './store.ts';

/** Each is a read and a commit. */
const cancelsAtOnce = 32;

export async function cancelCommand(
  input: SsmInput<'CancelCommand'>,
  context: RequestContext,
): Promise<SsmOutput<'CancelCommand'>> {
  const instanceIds = input.InstanceIds ?? [];
  if (new Set(instanceIds).size !== instanceIds.length)
    throw new DuplicateInstanceId('An instance id was given twice.');
  const command = await readCommand(context.state, input.CommandId);
  if (command === undefined) throw new InvalidCommandId('The command id is not valid.');
  if (instanceIds.length === 0) await cancelWhole(input.CommandId, context);
  else await cancelSome(command, instanceIds, context);
  nudge(input.CommandId, context);
  return {};
}

async function cancelSome(
  command: Row<CommandBody>,
  instanceIds: readonly string[],
  context: RequestContext,
): Promise<void> {
  // What GetCommandInvocation answers for, a caller may cancel: the invocations are written first.
  if (command.body.phase === 'spreading') await spreadCommand(command.body, context);
  for (const id of instanceIds)
    if ((await readInvocation(context.state, command.body.commandId, id)) === undefined)
      throw new InvalidInstanceId(`Instance ${id} is not a target of the command.`);
  for (const id of instanceIds) await cancelInvocation(command.body, id, context);
}

/** Records the wish first: whatever of it is not done at once, the timer does. */
async function cancelWhole(commandId: string, context: RequestContext): Promise<void> {
  const asked = await retryOnConflict(async () => {
    const row = await readCommand(context.state, commandId);
    return row !== undefined && (await requestCancel(row, context)) ? row.body : undefined;
  });
  // Fifty or fewer are told before the caller has the answer.
  if (asked !== undefined && asked.instanceIds.length > 0) await cancelStarted(asked, context);
}

/** The timer's handler. */
export async function handleCancel(timer: Timer, context: Context): Promise<void> {
  const command = await readCommand(context.state, timer.key);
  if (command === undefined || command.body.phase === 'done') return;
  await cancelStarted(command.body, context);
  nudge(timer.key, context);
}

/** Those not started yet are ended by the command's next round, which knows that it was cancelled. */
async function cancelStarted(command: CommandBody, context: Context): Promise<void> {
  for await (const rows of openInvocations(command, context)) {
    const started = rows.filter(({ body }) => body.started);
    await manyAtOnce(started, cancelsAtOnce, ({ body }) => cancelInvocation(command, body.nodeId, context));
  }
}

/**
 * Cancels one invocation. A node that has taken the command is told and answers; one that has not never
 * gets it. (Should its message be on the way at this moment, the node's acknowledgement brings the cancel.)
 */
async function cancelInvocation(command: CommandBody, nodeId: string, context: Context): Promise<void> {
  const told = await retryOnConflict(async () => {
    const row = await readInvocation(context.state, command.commandId, nodeId);
    if (row === undefined || isTerminal(row.body.state) || row.body.state === 'Cancelling') return false;
    if (row.body.state !== 'InProgress') {
      await context.state.transact(endInvocation(row, 'Cancelled', context));
      return false;
    }
    await context.state.transact([moveInvocation(row, 'Cancelling', context), cancelMessage(command, nodeId, context)]);
    return true;
  });
  if (told) context.mailbox.wake(nodeId);
}
