/** The states of a run: on one node, of an execution, of the association. Pure. */
import type { Tally } from '../../fan-out/index.ts';

/** On one node. `Skipped`: this node is not to run it. */
export type NodeState = 'Pending' | 'InProgress' | 'Success' | 'Failed' | 'TimedOut' | 'Skipped';

/** An association's or an execution's; AWS's three words. */
export type Overview = 'Pending' | 'Success' | 'Failed';

const order: Readonly<Record<NodeState, number>> = {
  Pending: 0,
  InProgress: 1,
  Success: 2,
  Failed: 2,
  TimedOut: 2,
  Skipped: 2,
};

export function isNodeState(text: string): text is NodeState {
  return Object.hasOwn(order, text);
}

export function isTerminal(state: NodeState): boolean {
  return order[state] === 2;
}

/** Whether a report moves a run on: forward, or from one end to another (the node ran it once more). */
export function isForward(from: NodeState, to: NodeState): boolean {
  return order[to] > order[from] || (isTerminal(from) && isTerminal(to));
}

export function isError(state: NodeState): boolean {
  return state === 'Failed' || state === 'TimedOut';
}

/** What an event says of a node's state: it knows three. */
export function coarse(state: NodeState): Overview {
  if (isError(state)) return 'Failed';
  return isTerminal(state) ? 'Success' : 'Pending';
}

export interface Progress {
  /** Nodes on which the run has started. */
  readonly started: number;
  /** Of those, over. */
  readonly finished: number;
  readonly tally: Tally;
  /** Why there is no run at all. */
  readonly problem?: string | undefined;
}

/** One failure makes it Failed; all over makes it Success; none to run on leaves it Pending. */
export function overviewOf({
  started,
  tally,
  over,
  problem,
}: Omit<Progress, 'finished'> & { readonly over: boolean }): Overview {
  if (problem !== undefined || (tally['Failed'] ?? 0) + (tally['TimedOut'] ?? 0) > 0) return 'Failed';
  return over && started > 0 ? 'Success' : 'Pending';
}

/** As AssociationStatusAggregatedCount has it: what is not over counts as Pending. */
export function aggregatedCount({ started, finished, tally }: Omit<Progress, 'problem'>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [state, count = 0] of Object.entries(tally)) if (count > 0) counts[state] = count;
  if (started > finished) counts.Pending = started - finished;
  return counts;
}

/** A run of which nothing has been heard for so long is taken for lost; AWS's agents think so too. */
const stuckAfter = 2 * 3_600_000;

/** @param since when the node last reported it, epoch milliseconds */
export function isStuck({ state, since }: { readonly state: NodeState; readonly since: number }, now: number): boolean {
  return state === 'InProgress' && now - since >= stuckAfter;
}
