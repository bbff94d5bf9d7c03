/** What of a command starts next, or is ended unstarted. */
import type { Context } from '../../../core/context.ts';
import type { Row, Write } from '../../../core/state.ts';
import { invocationStatusChanged } from './events.ts';
import { commandMessage } from './messages.ts';
import { decide, maxConcurrencyOf, maxErrorsOf } from './rate-control.ts';
import { errorCount, type Tally } from './roll-up.ts';
import { isTerminal, type InvocationState } from './states.ts';
import { invocationPartition, readInvocations, shards, type CommandBody, type InvocationBody } from './store.ts';

/** Two rows each, in a transaction of 100 that has the command's news too. */
export const startsPerRound = 25;
/** How long a wave waits for its nodes to take the command before the next one goes all the same. */
const patience = 1000;

export interface NextStep {
  readonly writes: Write[];
  readonly tally: Tally;
  /** Invocations gone past: started, or ended unstarted. */
  readonly walked: number;
  /** Of those, over: no news will come of them. */
  readonly over: number;
  readonly startedAfter: CommandBody['startedAfter'];
  readonly window: number;
  readonly stopped: boolean;
  readonly woken: string[];
}

/** @param command with what is new counted */
export async function nextStep(command: CommandBody, context: Context): Promise<NextStep> {
  const limits = {
    maxConcurrency: maxConcurrencyOf(command.maxConcurrency, command.targetCount),
    maxErrors: maxErrorsOf(command.maxErrors, command.targetCount),
  };
  const spread = {
    targets: command.targetCount,
    started: command.started,
    acknowledged: command.acknowledged,
    completed: command.finished,
    errors: errorCount(command.tally),
  };
  const decision = decide(spread, limits, command.window, context.clock.now() - command.windowSince >= patience);
  const stopped = command.stopped || decision.kind === 'stop';
  const end: InvocationState | undefined = command.cancelRequested ? 'Cancelled' : stopped ? 'Terminated' : undefined;
  const wanted =
    end !== undefined ? startsPerRound : Math.min(startsPerRound, decision.kind === 'start' ? decision.count : 0);
  const window = decision.kind === 'start' ? decision.window : command.window;
  const step = {
    writes: [] as Write[],
    tally: command.tally,
    walked: 0,
    over: 0,
    startedAfter: command.startedAfter,
    window,
    stopped,
    woken: [] as string[],
  };
  if (wanted === 0 || command.started >= command.targetCount) return step;
  const { rows, last } = await unstarted(command, wanted, context);
  step.startedAfter = last;
  for (const row of rows) {
    step.walked++;
    if (isTerminal(row.body.state)) {
      step.over++;
      // Over from its beginning: nobody else counts it.
      const { state } = row.body;
      if (state === 'InvalidPlatform' || state === 'AccessDenied')
        step.tally = { ...step.tally, [state]: (step.tally[state] ?? 0) + 1 };
    } else if (end !== undefined) {
      step.over++;
      step.tally = { ...step.tally, [end]: (step.tally[end] ?? 0) + 1 };
      step.writes.push({
        update: { pk: row.pk, sk: row.sk },
        set: { state: end },
        when: { version: row.version },
        events: invocationStatusChanged(row.body, end, context),
      });
    } else {
      step.writes.push(
        { update: { pk: row.pk, sk: row.sk }, set: { started: true }, when: { version: row.version } },
        commandMessage(command, row.body.nodeId),
      );
      step.woken.push(row.body.nodeId);
    }
  }
  return step;
}

/** The next invocations: in the order in which nodes were named, or else of shards and node ids. */
async function unstarted(
  command: CommandBody,
  wanted: number,
  context: Context,
): Promise<{ rows: readonly Row<InvocationBody>[]; last: CommandBody['startedAfter'] }> {
  if (command.instanceIds.length > 0)
    return {
      rows: await readInvocations(
        context.state,
        command.commandId,
        command.instanceIds.slice(command.started, command.started + wanted),
      ),
      last: undefined,
    };
  const rows: Row<InvocationBody>[] = [];
  let last = command.startedAfter;
  for (let shard = last?.shard ?? 0; shard < shards && rows.length < wanted; shard++) {
    // `from` is inclusive: the one after is its successor in byte order.
    const from = last?.shard === shard ? `${last.nodeId}\0` : undefined;
    const page = await context.state.query<InvocationBody>({
      pk: invocationPartition(command.commandId, shard),
      ...(from === undefined ? {} : { from }),
      limit: wanted - rows.length,
    });
    rows.push(...page.rows);
    const end = page.rows.at(-1);
    if (end !== undefined) last = { shard, nodeId: end.body.nodeId };
  }
  return { rows, last };
}
