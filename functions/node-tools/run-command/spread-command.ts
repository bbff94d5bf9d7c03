/**
 * Finds the nodes that a command's Targets mean, once, and writes an invocation for each. Nothing starts
 * before all are written: percentages need to know of how many.
 */
import type { Context } from '../../../core/context.ts';
import { retryOnConflict } from '../../../core/retry-on-conflict.ts';
import { ConditionFailed, type Row } from '../../../core/state.ts';
import { finishTimer, type Timer } from '../../../core/timers.ts';
import { getNodes, resolveTargets } from '../../nodes/index.ts';
import { commandStatusChanged } from './events.ts';
import { newInvocation } from './new-invocation.ts';
import { nudge } from './nudge.ts';
import { commandKey, putInvocation, readCommand, type CommandBody, type InvocationBody } from './store.ts';
import { progressTimer } from './timers.ts';

const batchSize = 500;
const transactionSize = 100;

/** The timer's handler. It resumes where it was, whoever ran it before. */
export async function handleSpread(timer: Timer, context: Context): Promise<void> {
  while (await retryOnConflict(() => spreadBatch(timer, context))) {
    // Each batch is recorded before the next one is looked up.
  }
  nudge(timer.key, context);
}

/** @returns whether there are more targets to find */
async function spreadBatch(timer: Timer, context: Context): Promise<boolean> {
  const row = await readCommand(context.state, timer.key);
  if (row === undefined || row.body.phase !== 'spreading') return false;
  const command = row.body;
  // A cancelled command needs no more invocations: those that exist are enough to cancel.
  const found = command.cancelRequested ? { nodeIds: [], next: undefined } : await resolveTargets(context, command.targets, { after: command.spreadAfter, limit: batchSize });
  const invocations = (await getNodes(context, found.nodeIds)).map((node) => newInvocation(command, node));
  for (let from = 0; from < invocations.length; from += transactionSize) await writeAbsent(invocations.slice(from, from + transactionSize), context);
  const targetCount = command.targetCount + invocations.length;
  if (found.next !== undefined) {
    await context.state.write({ update: commandKey(command.commandId), set: { spreadAfter: found.next, targetCount }, when: { version: row.version } });
    return true;
  }
  await context.state.transact([lastUpdate(row, targetCount, context), finishTimer(timer), ...(targetCount === 0 ? [] : [progressTimer(command, context)])]);
  return false;
}

function lastUpdate(row: Row<CommandBody>, targetCount: number, context: Context): Parameters<Context['state']['transact']>[0][number] {
  const { commandId, cancelRequested } = row.body;
  if (targetCount > 0) return { update: commandKey(commandId), set: { targetCount, phase: 'running' }, when: { version: row.version } };
  const state = cancelRequested ? 'Cancelled' : 'NoInstancesInTag';
  return { update: commandKey(commandId), set: { targetCount, phase: 'done', state }, when: { version: row.version }, events: commandStatusChanged(row.body, state, context) };
}

/** An invocation that is there already is left as it is: this batch was begun before and may run by now. */
async function writeAbsent(invocations: readonly InvocationBody[], context: Context): Promise<void> {
  const puts = invocations.map((invocation) => ({ ...putInvocation(invocation), when: { row: 'absent' as const } }));
  try {
    await context.state.transact(puts);
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    await Promise.all(puts.map((put) => context.state.write(put).catch(ignoreConflict)));
  }
}

function ignoreConflict(error: unknown): void {
  if (!(error instanceof ConditionFailed)) throw error;
}
