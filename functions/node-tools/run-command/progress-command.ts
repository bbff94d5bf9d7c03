/**
 * Takes a command on: counts what is new, decides what starts next, and ends it when all is over. One
 * transaction a round, conditional on the command's version, so that however many call it at once the
 * counters are right and nothing starts twice.
 */
import type { Context } from '../../../core/context.ts';
import { retryOnConflict } from '../../../core/retry-on-conflict.ts';
import type { Row, Write } from '../../../core/state.ts';
import { finishTimer, timerKey, type Timer } from '../../../core/timers.ts';
import { stopIfAlarmed } from './alarm-stop.ts';
import { signalChange } from './change-signal.ts';
import { commandStatusChanged } from './events.ts';
import { nextStep, startsPerRound } from './next-step.ts';
import { maxErrorsOf } from './rate-control.ts';
import { completedCount, rollUp } from './roll-up.ts';
import { isCommandTerminal, type CommandState } from './states.ts';
import { commandKey, deleteNews, newsPartition, readCommand, type CommandBody, type NewsBody } from './store.ts';
import { endOverdue } from './end-overdue.ts';
import { progressTimer } from './timers.ts';

/** Per round: with the command and what starts (two rows each) they fit one transaction of 100. */
const newsPerRound = 40;

/** The timer's handler: rounds of {@link progressCommand}, the last of which arms the next look. */
export async function handleProgress(timer: Timer, context: Context): Promise<void> {
  const command = (await readCommand(context.state, timer.key))?.body;
  if (command?.phase === 'running' && context.clock.now() >= command.expiresAt) {
    await progressCommand(timer.key, context);
    const left = (await readCommand(context.state, timer.key))?.body;
    if (left?.phase === 'running') await endOverdue(left, context);
  }
  await progressCommand(timer.key, context, timer);
}

/**
 * Rounds until nothing is left to do now.
 * @param timer the one that asks: the last round puts the next look in its place
 */
export async function progressCommand(commandId: string, context: Context, timer?: Timer): Promise<void> {
  while (await retryOnConflict(() => round(commandId, context, timer))) {
    // Each round is a transaction of its own.
  }
}

/** @returns whether another round may find more to do */
async function round(commandId: string, context: Context, timer: Timer | undefined): Promise<boolean> {
  const row = await readCommand(context.state, commandId);
  if (row === undefined || row.body.phase === 'done') return false;
  const command = row.body;
  if (command.phase !== 'running') {
    await lookAgain(timer, command, context);
    return false;
  }
  if (await stopIfAlarmed(row, context)) return true;
  const news = await readNews(command, context);
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
  const nothingNew =
    news.length === 0 &&
    step.walked === 0 &&
    step.window === command.window &&
    step.stopped === command.stopped &&
    state === command.state;
  if (nothingNew) {
    await lookAgain(timer, command, context);
    return false;
  }
  // A round that was full left something; one that walked past what is over freed places that it had counted as taken.
  const more = !over && (news.length === newsPerRound || step.walked === startsPerRound || step.over > 0);
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
  if (!more && !over)
    writes.push(...(await nextLook(timer, { ...command, started: command.started + step.walked }, context)));
  await context.state.transact(writes);
  signalChange(context.state, commandId);
  for (const nodeId of step.woken) context.mailbox.wake(nodeId);
  return more;
}

/**
 * Puts the next look at a command in this one's place. Where that was fired twice the other has done so: two chains of
 * timers would go on to the end.
 */
async function nextLook(timer: Timer | undefined, command: CommandBody, context: Context): Promise<Write[]> {
  if (timer === undefined || (await context.state.get(timerKey(timer))) === undefined) return [];
  return [{ ...finishTimer(timer), when: { row: 'present' } }, progressTimer(command, context)];
}

/** The same where nothing else is to be written. */
async function lookAgain(timer: Timer | undefined, command: CommandBody, context: Context): Promise<void> {
  const writes = await nextLook(timer, command, context);
  if (writes.length > 0) await context.state.transact(writes);
}

/** Shards are read in turn until a round is full; what is left waits for the next round. */
async function readNews({ commandId, newsShards }: CommandBody, context: Context): Promise<Row<NewsBody>[]> {
  const news: Row<NewsBody>[] = [];
  for (let shard = 0; shard < newsShards && news.length < newsPerRound; shard++) {
    const page = await context.state.query<NewsBody>({
      pk: newsPartition(commandId, shard),
      limit: newsPerRound - news.length,
    });
    news.push(...page.rows);
  }
  return news;
}

function stateOf(command: CommandBody, acknowledged: number, delayed: boolean): CommandState {
  const completed = completedCount(command.tally);
  if (completed >= command.targetCount && command.rateExceeded === true) return 'RateExceeded';
  if (completed >= command.targetCount)
    return rollUp(command.tally, maxErrorsOf(command.maxErrors, command.targetCount), command.cancelRequested);
  if (command.cancelRequested) return 'Cancelling';
  if (acknowledged > 0 || completed > 0) return 'InProgress';
  return delayed ? 'Delayed' : command.state;
}
