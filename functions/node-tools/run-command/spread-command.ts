/**
 * Finds the nodes that a command's Targets mean, once, and writes an invocation for each. Nothing starts
 * before all are written: percentages need to know of how many.
 */
import type { Context } from '../../../core/context.ts';
import { retryOnConflict } from '../../../core/retry-on-conflict.ts';
import type { Row, Write } from '../../../core/state.ts';
import { finishTimer, type Timer } from '../../../core/timers.ts';
import { getNodes, resolveTargets } from '../../nodes/index.ts';
import { commandStatusChanged } from './events.ts';
import { newInvocation, writeNewInvocation } from './new-invocation.ts';
import { nudge } from './nudge.ts';
import { tooMany } from './rate-control.ts';
import { commandKey, readCommand, type CommandBody } from './store.ts';
import { progressTimer, spreadTimerName } from './timers.ts';

/** Nodes looked up at once. */
const batchSize = 485;
/** Invocations of one transaction of 100: the command and two timers come with them. */
const chunkSize = 97;

/** The timer's handler. */
export async function handleSpread(timer: Timer, context: Context): Promise<void> {
  await spread(timer, context);
  nudge(timer.key, context);
}

/** Does what the command's timer would do in a moment, for a caller who cannot wait. */
export async function spreadCommand(
  { commandId, requestedAt }: Pick<CommandBody, 'commandId' | 'requestedAt'>,
  context: Context,
): Promise<void> {
  await spread({ key: commandId, ...spreadTimerName({ commandId, requestedAt }) }, context);
}

/** It resumes where it was, whoever was at it before. */
async function spread(timer: Pick<Timer, 'key' | 'id' | 'due'>, context: Context): Promise<void> {
  while (await retryOnConflict(() => spreadBatch(timer, context))) {
    // Each batch is recorded before the next one is looked up.
  }
}

/**
 * Invocations are written together with the count of them and the place to go on from: a tag that moves, a
 * cancel or a crash in the middle leaves none that the command does not know of.
 * @returns whether there are more targets to find
 */
async function spreadBatch(timer: Pick<Timer, 'key' | 'id' | 'due'>, context: Context): Promise<boolean> {
  const row = await readCommand(context.state, timer.key);
  if (row === undefined || row.body.phase !== 'spreading') return false;
  const command = row.body;
  // A cancelled command needs no more invocations: those that exist are enough to cancel.
  const found = command.cancelRequested
    ? { nodeIds: [], next: undefined }
    : await resolveTargets(context, command.targets, { after: command.spreadAfter, limit: batchSize });
  const nodes = await getNodes(context, found.nodeIds);
  let { version } = row;
  let { targetCount } = command;
  for (let from = 0; ; from += chunkSize) {
    const chunk = nodes.slice(from, from + chunkSize);
    const isLast = from + chunkSize >= nodes.length;
    targetCount += chunk.length;
    const spreadAfter = isLast ? found.next : chunk.at(-1)?.id;
    const puts = chunk.map((node) => writeNewInvocation(newInvocation(command, node), context));
    if (spreadAfter === undefined) {
      await context.state.transact([
        ...puts,
        lastUpdate({ ...row, version }, targetCount, context),
        finishTimer(timer),
        ...(targetCount === 0 ? [] : [progressTimer(command, context)]),
      ]);
      return false;
    }
    await context.state.transact([
      ...puts,
      { update: commandKey(command.commandId), set: { spreadAfter, targetCount }, when: { version } },
    ]);
    if (isLast) return true;
    version++;
  }
}

function lastUpdate(row: Row<CommandBody>, targetCount: number, context: Context): Write {
  const { commandId, cancelRequested } = row.body;
  if (targetCount > 0)
    return {
      update: commandKey(commandId),
      set: { targetCount, phase: 'running', ...tooMany(targetCount, context) },
      when: { version: row.version },
    };
  const state = cancelRequested ? 'Cancelled' : 'NoInstancesInTag';
  return {
    update: commandKey(commandId),
    set: { targetCount, phase: 'done', state },
    when: { version: row.version },
    events: commandStatusChanged(row.body, state, context),
  };
}
