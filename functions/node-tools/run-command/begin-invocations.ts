/** Starts the next invocations of a command, or ends them unstarted. */
import type { Context } from '../../../core/context.ts';
import type { Row } from '../../../core/state.ts';
import type { BegunTarget, BegunTargets, EndUnstarted } from '../../fan-out/index.ts';
import { invocationStatusChanged } from './events.ts';
import { commandMessage } from './messages.ts';
import { isTerminal, type InvocationState } from './states.ts';
import { invocationPartition, readInvocations, shards, type CommandBody, type InvocationBody } from './store.ts';

/** The states of invocations that are over from their beginning (new-invocation.ts). */
const bornOver: readonly InvocationState[] = ['InvalidPlatform', 'AccessDenied'];

export async function beginInvocations(
  command: CommandBody,
  { limit, end }: { readonly limit: number; readonly end: EndUnstarted | undefined },
  context: Context,
): Promise<BegunTargets<CommandBody>> {
  const { rows, last } = await nextInvocations(command, limit, context);
  return { begun: rows.map((row) => beginInvocation(command, row, end, context)), startedAfter: last };
}

function beginInvocation(
  command: CommandBody,
  { pk, sk, version, body }: Row<InvocationBody>,
  end: EndUnstarted | undefined,
  context: Context,
): BegunTarget {
  if (isTerminal(body.state))
    // One that was over from its beginning nobody else counts.
    return { writes: [], over: true, state: bornOver.includes(body.state) ? body.state : undefined };
  const when = { version };
  if (end !== undefined) {
    const state = end === 'cancelled' ? 'Cancelled' : 'Terminated';
    const events = invocationStatusChanged(body, state, context);
    return { writes: [{ update: { pk, sk }, set: { state }, when, events }], over: true, state };
  }
  return {
    writes: [{ update: { pk, sk }, set: { started: true }, when }, commandMessage(command, body.nodeId)],
    over: false,
    wakes: body.nodeId,
  };
}

/** The next ones: in the order in which nodes were named, or else of shards and node ids. */
async function nextInvocations(
  command: CommandBody,
  limit: number,
  context: Context,
): Promise<{ rows: readonly Row<InvocationBody>[]; last: CommandBody['startedAfter'] }> {
  if (command.instanceIds.length > 0)
    return {
      rows: await readInvocations(
        context.state,
        command.commandId,
        command.instanceIds.slice(command.started, command.started + limit),
      ),
      last: undefined,
    };
  const rows: Row<InvocationBody>[] = [];
  let last = command.startedAfter;
  for (let shard = last?.shard ?? 0; shard < shards && rows.length < limit; shard++) {
    // `from` is inclusive: the one after is its successor in byte order.
    const from = last?.shard === shard ? `${last.nodeId}\0` : undefined;
    const page = await context.state.query<InvocationBody>({
      pk: invocationPartition(command.commandId, shard),
      ...(from === undefined ? {} : { from }),
      limit: limit - rows.length,
    });
    rows.push(...page.rows);
    const end = page.rows.at(-1);
    if (end !== undefined) last = { shard, nodeId: end.body.nodeId };
  }
  return { rows, last };
}
