/** What a node says of a command: that it has it, how far it is, how it ended. Called by the gateway. */
import type { Context } from '../../../core/context.ts';
import { manyAtOnce } from '../../../core/many-at-once.ts';
import { retryOnConflict } from '../../../core/retry-on-conflict.ts';
import type { Row, Write } from '../../../core/state.ts';
import { deleteMessage } from '../../nodes/index.ts';
import { signalChange } from './change-signal.ts';
import { endInvocation, moveInvocation } from './end-invocation.ts';
import { cancelMessage, commandMessageId, parseMessageId } from './messages.ts';
import { nudge } from './command-job.ts';
import { invocationDelta } from './counter-deltas.ts';
import { MalformedReply, mergeStep, parseReply, type Reply } from './reply.ts';
import { isForward, isTerminal } from './states.ts';
import { putStep, readCommand, readInvocation, readStepRows, type InvocationBody } from './store.ts';

export interface NodeReply {
  /** The node whose credentials the connection has. */
  readonly nodeId: string;
  /** The job's name: `aws.ssm.<command>.<node>`. */
  readonly messageId: string;
  /** The agent's report, parsed from JSON. */
  readonly payload: unknown;
}

/**
 * Takes in that a node has a command's message: it is not sent again, and the invocation is in progress. A
 * command that was cancelled while its message was on its way is cancelled on the node now.
 */
export async function recordDelivery(
  delivery: Pick<NodeReply, 'nodeId' | 'messageId'>,
  context: Context,
): Promise<void> {
  const name = ownName(delivery);
  if (name === undefined) return;
  const changed = await retryOnConflict(async () => {
    const row = await readInvocation(context.state, name.commandId, name.nodeId);
    if (row === undefined || row.body.acknowledged) return false;
    const writes = await acknowledge(row, context);
    await context.state.transact(writes);
    return true;
  }, context);
  if (changed) {
    context.mailbox.wake(name.nodeId);
    nudge(name.commandId, context);
  }
}

async function acknowledge(row: Row<InvocationBody>, context: Context): Promise<Write[]> {
  const { commandId, nodeId, state } = row.body;
  const done = deleteMessage(nodeId, commandMessageId(commandId, nodeId));
  if (!isTerminal(state))
    return [
      moveInvocation(row, isForward(state, 'InProgress') ? 'InProgress' : state, context, { acknowledged: true }),
      invocationDelta(row.body, { kind: 'acknowledged' }, context.clock.now()),
      done,
    ];
  const command = await readCommand(context.state, commandId);
  const stop =
    command === undefined || context.clock.now() >= command.body.expiresAt
      ? []
      : [cancelMessage(command.body, nodeId, context)];
  return [moveInvocation(row, state, context, { acknowledged: true }), done, ...stop];
}

/** Takes in that a node could not take a command's message now and will be sent it again. */
export async function recordDelay(delivery: Pick<NodeReply, 'nodeId' | 'messageId'>, context: Context): Promise<void> {
  const name = ownName(delivery);
  if (name === undefined) return;
  const changed = await retryOnConflict(async () => {
    const row = await readInvocation(context.state, name.commandId, name.nodeId);
    if (row?.body.state !== 'Pending') return false;
    await context.state.transact([
      moveInvocation(row, 'Delayed', context),
      invocationDelta(row.body, { kind: 'delayed' }, context.clock.now()),
    ]);
    return true;
  }, context);
  if (changed) nudge(name.commandId, context);
}

/**
 * Takes in an agent's report. It may come late, twice or out of order: states only move forward, and a step
 * that is over stays as it ended. Durable when it resolves, so that the gateway may acknowledge it.
 */
export async function recordReply(reply: NodeReply, context: Context): Promise<void> {
  const name = ownName(reply);
  if (name === undefined) return;
  let report: Reply;
  try {
    report = parseReply(reply.payload);
  } catch (error) {
    if (!(error instanceof MalformedReply)) throw error;
    context.log.warn('a node sent a reply that cannot be read', {
      nodeId: reply.nodeId,
      messageId: reply.messageId,
      reason: error.message,
    });
    return;
  }
  const outcome = await retryOnConflict(() => takeIn(name, report, context), context);
  if (outcome === 'moved') nudge(name.commandId, context);
  if (outcome === 'moved' || outcome === 'noted') signalChange(context.state, name.commandId);
}

/** Results of steps in one transaction: what ends an invocation comes with the last of them. */
const mostSteps = 90;
const atOnce = 8;

async function takeIn(
  name: { commandId: string; nodeId: string },
  report: Reply,
  context: Context,
): Promise<'unknown' | 'old' | 'noted' | 'moved'> {
  const row = await readInvocation(context.state, name.commandId, name.nodeId);
  // The answer to a cancel's own job, or to a command that has been forgotten after its 30 days.
  if (row === undefined) return 'unknown';
  const results = await stepResults(row.body, report, context);
  const moves = moveWrites(row, report, context);
  // Each result is a row of its own that only moves forward: one that moves nothing else needs no transaction. Of a
  // document of very many steps the first ones go ahead.
  const ahead = results.slice(0, moves.length === 0 ? results.length : Math.max(0, results.length - mostSteps));
  await manyAtOnce(ahead, atOnce, async (result) => {
    await context.state.write(result);
  });
  if (moves.length === 0) return ahead.length > 0 ? 'noted' : 'old';
  await context.state.transact([...results.slice(ahead.length), ...moves]);
  return 'moved';
}

/** What moves the invocation; nothing, where the report says nothing new of it. */
function moveWrites(row: Row<InvocationBody>, report: Reply, context: Context): Write[] {
  if (!isForward(row.body.state, report.state)) return [];
  const also: Partial<InvocationBody> = { acknowledged: true, ...(report.trace === '' ? {} : { trace: report.trace }) };
  if (isTerminal(report.state)) return endInvocation(row, report.state, context, also);
  return [
    moveInvocation(row, report.state, context, also),
    ...(row.body.acknowledged ? [] : [invocationDelta(row.body, { kind: 'acknowledged' }, context.clock.now())]),
  ];
}

/** The writes of what a report says of the steps, as far as it is new. */
async function stepResults(invocation: InvocationBody, report: Reply, context: Context): Promise<Write[]> {
  if (report.steps.size === 0) return [];
  const known = new Map((await readStepRows(context.state, invocation)).map((row) => [row.body.place, row]));
  const writes: Write[] = [];
  for (const [stepName, stepReport] of report.steps) {
    const place = invocation.steps.findIndex((step) => step.name === stepName);
    if (place < 0) {
      context.log.warn('a node reported a step that the document does not have', {
        nodeId: invocation.nodeId,
        commandId: invocation.commandId,
        step: stepName,
      });
      continue;
    }
    const row = known.get(place);
    const merged = mergeStep(place, invocation.steps[place]!, row?.body, stepReport);
    if (merged !== undefined) writes.push(putStep(invocation, merged, row?.version));
  }
  return writes;
}

/** A node may speak of its own invocations only. The gateway refuses others' names already; this is the second lock. */
function ownName(message: Pick<NodeReply, 'nodeId' | 'messageId'>): { commandId: string; nodeId: string } | undefined {
  const name = parseMessageId(message.messageId);
  return name?.nodeId === message.nodeId ? name : undefined;
}
