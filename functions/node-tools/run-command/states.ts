/**
 * The states of commands and invocations, as AWS names them (run-command.md §3). `StatusDetails` is the truth
 * that is kept; `Status` is the coarser word shown beside it.
 */
import type { CommandInvocationStatus, CommandPluginStatus, CommandStatus } from '@aws-sdk/client-ssm';

export type InvocationState =
  | 'Pending'
  | 'InProgress'
  | 'Delayed'
  | 'Cancelling'
  | 'Success'
  | 'Failed'
  | 'Cancelled'
  | 'DeliveryTimedOut'
  | 'ExecutionTimedOut'
  | 'Undeliverable'
  | 'Terminated'
  | 'InvalidPlatform'
  | 'AccessDenied';

export type CommandState =
  | 'Pending'
  | 'InProgress'
  | 'Delayed'
  | 'Cancelling'
  | 'Success'
  | 'NoInstancesInTag'
  | 'Failed'
  | 'Incomplete'
  | 'Cancelled'
  | 'DeliveryTimedOut'
  | 'ExecutionTimedOut'
  | 'RateExceeded'
  | 'AccessDenied';

export type PluginState = 'Pending' | 'InProgress' | 'Success' | 'ExecutionTimedOut' | 'Cancelled' | 'Failed';

/** The states in which an invocation may still change. */
export const openStates: readonly InvocationState[] = ['Pending', 'Delayed', 'InProgress', 'Cancelling'];

export function isTerminal(state: InvocationState): boolean {
  return !openStates.includes(state);
}

/**
 * How far a state is along: states only move forward, whatever order replies come in (design §5).
 * Cancelling is beyond InProgress, so that a late InProgress does not undo a cancel; all ends are equal, so
 * that the first end is kept.
 */
const progress: Readonly<Record<InvocationState, number>> = {
  Pending: 0,
  Delayed: 1,
  InProgress: 2,
  Cancelling: 3,
  Success: 4,
  Failed: 4,
  Cancelled: 4,
  DeliveryTimedOut: 4,
  ExecutionTimedOut: 4,
  Undeliverable: 4,
  Terminated: 4,
  InvalidPlatform: 4,
  AccessDenied: 4,
};

/** Whether an invocation may go from one state to another. */
export function isForward(from: InvocationState, to: InvocationState): boolean {
  return progress[to] > progress[from];
}

/** The invocation's `Status` for its `StatusDetails`. */
export function invocationStatus(state: InvocationState): CommandInvocationStatus {
  switch (state) {
    case 'DeliveryTimedOut':
    case 'ExecutionTimedOut':
      return 'TimedOut';
    case 'Undeliverable':
    case 'InvalidPlatform':
    case 'AccessDenied':
      return 'Failed';
    case 'Terminated':
      return 'Cancelled';
    default:
      return state;
  }
}

/** The command's `Status` for its `StatusDetails`. */
export function commandStatus(state: CommandState): CommandStatus {
  switch (state) {
    case 'Delayed':
      return 'InProgress';
    case 'NoInstancesInTag':
      return 'Success';
    case 'Incomplete':
    case 'RateExceeded':
    case 'AccessDenied':
      return 'Failed';
    case 'DeliveryTimedOut':
    case 'ExecutionTimedOut':
      return 'TimedOut';
    default:
      return state;
  }
}

/** A plugin's `Status` for its `StatusDetails`. */
export function pluginStatus(state: PluginState): CommandPluginStatus {
  return state === 'ExecutionTimedOut' ? 'TimedOut' : state;
}

/** Whether a step has come to its end. */
export function isStepOver(state: PluginState): boolean {
  return state !== 'Pending' && state !== 'InProgress';
}

/** Whether a command has come to its end. */
export function isCommandTerminal(state: CommandState): boolean {
  return !['Pending', 'InProgress', 'Delayed', 'Cancelling'].includes(state);
}
