/** CancelCommand: what has not started never will; what runs is told to stop (run-command.md §4.5). */
import type { Context, RequestContext } from '../../../core/context.ts';
import { InternalServerError, InvalidInstanceId } from '../../../core/errors.ts';
import type { SsmInput, SsmOutput } from '../../../core/operations.ts';
import { cancelJob, spreadJob, sweepJob } from '../../fan-out/index.ts';
import { cancelInvocation } from './cancel-invocations.ts';
import { commandKind, nudge } from './command-job.ts';
import { DuplicateInstanceId, InvalidCommandId } from './errors.ts';
import { readCommand, readInvocation, type CommandBody } from './store.ts';

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
  else await cancelSome(command.body, instanceIds, context);
  nudge(input.CommandId, context);
  return {};
}

async function cancelSome(command: CommandBody, instanceIds: readonly string[], context: Context): Promise<void> {
  // What GetCommandInvocation answers for, a caller may cancel: the invocations are written first.
  const outcome = command.phase === 'spreading' ? await spreadJob(commandKind, command.commandId, context) : 'idle';
  for (const id of instanceIds) {
    if ((await readInvocation(context.state, command.commandId, id)) !== undefined) continue;
    // A fleet's targets may take longer than a call does. SDKs try again by themselves.
    if (outcome === 'unfinished')
      throw new InternalServerError('The targets of the command are still being found. Try again.');
    throw new InvalidInstanceId(`Instance ${id} is not a target of the command.`);
  }
  for (const id of instanceIds) await cancelInvocation(command, id, context);
}

/** Records the wish first: whatever of it is not done at once, the timer does. */
async function cancelWhole(commandId: string, context: Context): Promise<void> {
  const command = await cancelJob(commandKind, commandId, context);
  // Fifty or fewer are told before the caller has the answer.
  if (command !== undefined && command.instanceIds.length > 0) await sweepJob(commandKind, commandId, context);
}
