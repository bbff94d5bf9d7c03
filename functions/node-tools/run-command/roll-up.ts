/** From the ends of its invocations to the end of a command (run-command.md §3.3). */
import { completedCount } from '../../fan-out/index.ts';
import type { CommandState, InvocationState } from './states.ts';

/** How many invocations ended in each way. */
export type CommandTally = { readonly [state in InvocationState]?: number };

/** Whether a state counts against MaxErrors, and in ErrorCount. */
export function isError(state: string): boolean {
  return state === 'Failed' || state === 'ExecutionTimedOut';
}

/** Shown as ErrorCount. */
export function errorCount(tally: CommandTally): number {
  return (tally.Failed ?? 0) + (tally.ExecutionTimedOut ?? 0);
}

/**
 * The end of a command whose every invocation is over.
 * @param cancelled whether somebody asked for the command to be cancelled
 */
export function rollUp(tally: CommandTally, maxErrors: number, cancelled: boolean): CommandState {
  const targets = completedCount(tally);
  if (targets === 0) return 'NoInstancesInTag';
  const errors = errorCount(tally);
  const undelivered = tally.DeliveryTimedOut ?? 0;
  const unreachable = (tally.Undeliverable ?? 0) + (tally.InvalidPlatform ?? 0) + (tally.AccessDenied ?? 0);
  const cancelledOnes = tally.Cancelled ?? 0;
  const successes = tally.Success ?? 0;
  if (cancelled && cancelledOnes > 0) return 'Cancelled';
  if (errors > maxErrors) return (tally.ExecutionTimedOut ?? 0) === errors ? 'ExecutionTimedOut' : 'Failed';
  if (undelivered > 0 && undelivered >= Math.max(1, maxErrors)) return 'DeliveryTimedOut';
  if (unreachable === targets) return 'Failed';
  // Nodes that could not be reached do not spoil the success of the others, unless they are all there is.
  if (errors === 0 && undelivered === 0 && cancelledOnes === 0 && successes > 0) return 'Success';
  return 'Incomplete';
}
