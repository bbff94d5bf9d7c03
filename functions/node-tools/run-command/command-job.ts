/** Run Command as a kind of the fan-out engine: what a command's targets and counters mean. */
import type { Context } from '../../../core/context.ts';
import {
  completedCount,
  maxErrorsOf,
  nudgeJob,
  type JobChange,
  type JobKind,
  type Judgement,
} from '../../fan-out/index.ts';
import { beginInvocations } from './begin-invocations.ts';
import { signalChange } from './change-signal.ts';
import { deltaKind, readOlderDelta } from './counter-deltas.ts';
import { commandStatusChanged } from './events.ts';
import { findInvocations } from './find-invocations.ts';
import { tooMany } from './pending-limit.ts';
import { isError, rollUp } from './roll-up.ts';
import type { CommandState } from './states.ts';
import { commandKey, commandShape, type CommandBody } from './store.ts';
import { sweepInvocations } from './sweep-invocations.ts';

export const commandKind: JobKind<CommandBody> = {
  ...deltaKind,
  timerKind: 'progress-command',
  alarmPrefix: 'ALARM-COMMANDS',
  shape: commandShape,
  jobKey: commandKey,
  rampUp: true,
  onePass: false,
  reopens: false,
  longestPause: 60_000,
  // A started invocation is two rows.
  perRound: { deltas: 40, targets: 25 },
  isError,
  findTargets: findInvocations,
  whenFound: ({ targetCount }, context) => tooMany(targetCount, context),
  beginTargets: beginInvocations,
  judge,
  whenCancelled: () => ({ state: 'Cancelling' }),
  sweepTargets: sweepInvocations,
  readDelta: readOlderDelta,
  whenChanged: (commandId, { state }) => signalChange(state, commandId),
};

/** Timers of older versions, which had one for each of their steps: they do what the one timer does now. */
export const olderTimerKinds = ['spread-command', 'cancel-command'] as const;

/** Takes a command on at once, in the background, after something happened to it. */
export function nudge(commandId: string, context: Context): void {
  nudgeJob(commandKind, commandId, context);
}

function judge({ before, after, over, hints }: JobChange<CommandBody>, context: Context): Judgement<CommandBody> {
  const state = stateOf(after, over, hints.has('delayed'));
  return { set: { state }, events: commandStatusChanged(before, state, context, after.acknowledged > 0) };
}

function stateOf(command: CommandBody, over: boolean, delayed: boolean): CommandState {
  const { tally, targetCount, maxErrors, cancelRequested } = command;
  if (over) {
    if (command.rateExceeded === true) return 'RateExceeded';
    if (targetCount === 0 && cancelRequested) return 'Cancelled';
    return rollUp(tally, maxErrorsOf(maxErrors, targetCount), cancelRequested);
  }
  if (cancelRequested) return 'Cancelling';
  if (command.acknowledged > 0 || completedCount(tally) > 0) return 'InProgress';
  return delayed ? 'Delayed' : command.state;
}
