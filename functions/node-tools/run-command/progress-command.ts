/**
 * Takes a command on: counts what is new, decides what starts next, and ends it when all is over. One
 * transaction a round, conditional on the command's version, so that however many call it at once the
 * counters are right and nothing starts twice.
 */
import type { Context } from '../../../core/context.ts';
import { retryOnConflict } from '../../../core/retry-on-conflict.ts';
import { ConditionFailed, type Row, type Write } from '../../../core/state.ts';
import { finishTimer, type Timer } from '../../../core/timers.ts';
import { commandStatusChanged, invocationStatusChanged } from './events.ts';
import { commandMessage } from './messages.ts';
import { decide, maxConcurrencyOf, maxErrorsOf } from './rate-control.ts';
import { completedCount, errorCount, rollUp, type Tally } from './roll-up.ts';
import { isCommandTerminal, isTerminal, type CommandState, type InvocationState } from './states.ts';
import { commandKey, deleteNews, invocationPartition, newsPartition, readCommand, shards, type CommandBody, type InvocationBody, type NewsBody } from './store.ts';
import { endOverdue } from './end-overdue.ts';
import { progressTimer } from './timers.ts';

/** Per round, so that command, news and invocations (two rows each) fit one transaction of 100. */
const newsPerRound = 40;
const startsPerRound = 25;
/** How long a wave waits for its nodes to take the command before the next one goes all the same. */
const patience = 1000;

/** The timer's handler: a round of {@link progressCommand}, and the next look. */
export async function handleProgress(timer: Timer, context: Context): Promise<void> {
  await progressCommand(timer.key, context);
  let command = await readCommand(context.state, timer.key);
  if (command !== undefined && command.body.phase === 'running' && context.clock.now() >= command.body.expiresAt) {
    await endOverdue(timer.key, context);
    await progressCommand(timer.key, context);
    command = await readCommand(context.state, timer.key);
  }
  if (command === undefined || command.body.phase === 'done') return;
  try {
    await context.state.transact([{ ...finishTimer(timer), when: { row: 'present' } }, progressTimer(command.body, context)]);
  } catch (error) {
    // Fired twice: the other has armed the next one, and two chains of timers would go on to the end.
    if (!(error instanceof ConditionFailed)) throw error;
  }
}

/** Rounds until nothing is left to do now. */
export async function progressCommand(commandId: string, context: Context): Promise<void> {
  while (await retryOnConflict(() => round(commandId, context))) {
    // Each round is a transaction of its own.
  }
}

/** @returns whether another round may find more to do */
async function round(commandId: string, context: Context): Promise<boolean> {
  const row = await readCommand(context.state, commandId);
  if (row === undefined || row.body.phase !== 'running') return false;
  const command = row.body;
  const news = await readNews(commandId, context);
  let tally = command.tally;
  let { acknowledged, finished } = command;
  for (const { body } of news) {
    if (body.kind !== 'delayed' && body.first && body.started) acknowledged++;
    if (body.kind === 'ended') {
      tally = { ...tally, [body.state]: (tally[body.state] ?? 0) + 1 };
      if (body.started) finished++;
    }
  }
  const writes: Write[] = news.map(deleteNews);
  const step = await nextStep({ ...command, tally, acknowledged, finished }, context);
  writes.push(...step.writes);
  tally = step.tally;
  const delayed = news.some(({ body }) => body.kind === 'delayed');
  const state = stateOf({ ...command, tally }, acknowledged, delayed);
  const over = isCommandTerminal(state);
  const nothingNew = news.length === 0 && step.walked === 0 && step.window === command.window && step.stopped === command.stopped && state === command.state;
  if (nothingNew) return false;
  writes.push({
    update: commandKey(commandId),
    set: {
      tally,
      acknowledged: acknowledged + step.over,
      finished: finished + step.over,
      started: command.started + step.walked,
      startedAfter: step.startedAfter,
      window: step.window,
      windowSince: step.window === command.window && step.walked === 0 ? command.windowSince : context.clock.now(),
      stopped: step.stopped,
      state,
      ...(over ? { phase: 'done' } : {}),
    },
    when: { version: row.version },
    events: commandStatusChanged(command, state, context, acknowledged > 0),
  });
  await context.state.transact(writes);
  for (const nodeId of step.woken) context.mailbox.wake(nodeId);
  return !over;
}

/** Shards are read in turn until a round is full; what is left waits for the next round. */
async function readNews(commandId: string, context: Context): Promise<Row<NewsBody>[]> {
  const news: Row<NewsBody>[] = [];
  for (let shard = 0; shard < shards && news.length < newsPerRound; shard++) {
    const page = await context.state.query<NewsBody>({ pk: newsPartition(commandId, shard), limit: newsPerRound - news.length });
    news.push(...page.rows);
  }
  return news;
}

interface NextStep {
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

async function nextStep(command: CommandBody, context: Context): Promise<NextStep> {
  const limits = { maxConcurrency: maxConcurrencyOf(command.maxConcurrency, command.targetCount), maxErrors: maxErrorsOf(command.maxErrors, command.targetCount) };
  const spread = { targets: command.targetCount, started: command.started, acknowledged: command.acknowledged, completed: command.finished, errors: errorCount(command.tally) };
  const decision = decide(spread, limits, command.window, context.clock.now() - command.windowSince >= patience);
  const stopped = command.stopped || decision.kind === 'stop';
  const end: InvocationState | undefined = command.cancelRequested ? 'Cancelled' : stopped ? 'Terminated' : undefined;
  const wanted = end !== undefined ? startsPerRound : Math.min(startsPerRound, decision.kind === 'start' ? decision.count : 0);
  const window = decision.kind === 'start' ? decision.window : command.window;
  const step = { writes: [] as Write[], tally: command.tally, walked: 0, over: 0, startedAfter: command.startedAfter, window, stopped, woken: [] as string[] };
  if (wanted === 0 || command.started >= command.targetCount) return step;
  const { rows, last } = await unstarted(command, wanted, context);
  step.startedAfter = last;
  for (const row of rows) {
    step.walked++;
    if (isTerminal(row.body.state)) {
      step.over++;
      // Born over (a platform that the document does not support): nobody else counts it.
      if (row.body.state === 'InvalidPlatform') step.tally = { ...step.tally, InvalidPlatform: (step.tally.InvalidPlatform ?? 0) + 1 };
    } else if (end !== undefined) {
      step.over++;
      step.tally = { ...step.tally, [end]: (step.tally[end] ?? 0) + 1 };
      step.writes.push({ update: { pk: row.pk, sk: row.sk }, set: { state: end }, when: { version: row.version }, events: invocationStatusChanged(row.body, end, context) });
    } else {
      step.writes.push({ update: { pk: row.pk, sk: row.sk }, set: { started: true }, when: { version: row.version } }, commandMessage(command, row.body.nodeId));
      step.woken.push(row.body.nodeId);
    }
  }
  return step;
}

/** The next invocations in the order of shards and node ids. */
async function unstarted(command: CommandBody, wanted: number, context: Context): Promise<{ rows: Row<InvocationBody>[]; last: CommandBody['startedAfter'] }> {
  const rows: Row<InvocationBody>[] = [];
  let last = command.startedAfter;
  for (let shard = last?.shard ?? 0; shard < shards && rows.length < wanted; shard++) {
    // `from` is inclusive: the one after is its successor in byte order.
    const from = last?.shard === shard ? `${last.nodeId}\0` : undefined;
    const page = await context.state.query<InvocationBody>({ pk: invocationPartition(command.commandId, shard), ...(from === undefined ? {} : { from }), limit: wanted - rows.length });
    rows.push(...page.rows);
    const end = page.rows.at(-1);
    if (end !== undefined) last = { shard, nodeId: end.body.nodeId };
  }
  return { rows, last };
}

function stateOf(command: CommandBody, acknowledged: number, delayed: boolean): CommandState {
  const completed = completedCount(command.tally);
  if (completed >= command.targetCount && command.rateExceeded === true) return 'RateExceeded';
  if (completed >= command.targetCount) return rollUp(command.tally, maxErrorsOf(command.maxErrors, command.targetCount), command.cancelRequested);
  if (command.cancelRequested) return 'Cancelling';
  if (acknowledged > 0 || completed > 0) return 'InProgress';
  return delayed ? 'Delayed' : command.state;
}
