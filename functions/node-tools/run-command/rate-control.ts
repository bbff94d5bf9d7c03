/** MaxConcurrency, MaxErrors and the ramp-up (run-command.md §4.3). */

/** AWS's defaults for a command. */
export const defaultMaxConcurrency = '50';
export const defaultMaxErrors = '0';

/** How many may run at once: a number, or a percentage of the targets rounded down, but at least one. */
export function maxConcurrencyOf(expression: string, targets: number): number {
  return Math.max(1, absolute(expression, targets));
}

/** How many errors are borne: one more stops the command. A percentage of the targets is rounded down. */
export function maxErrorsOf(expression: string, targets: number): number {
  return absolute(expression, targets);
}

function absolute(expression: string, targets: number): number {
  const number = Number.parseInt(expression, 10);
  return expression.endsWith('%') ? Math.floor((targets * number) / 100) : number;
}

/** What a command is that has more targets than the operator lets wait at once: stopped before anything runs. */
export function tooMany(
  targets: number,
  { settings }: { readonly settings: { readonly pendingInvocations?: number | undefined } },
): { readonly stopped: boolean; readonly rateExceeded?: true } {
  return targets > (settings.pendingInvocations ?? Infinity)
    ? { stopped: true, rateExceeded: true }
    : { stopped: false };
}

/** What a command knows of its own spread, in numbers of invocations. */
export interface Spread {
  readonly targets: number;
  /** Handed to their nodes so far. */
  readonly started: number;
  /** Of those started, how many a node has taken (or are over). */
  readonly acknowledged: number;
  /** Of those started, how many are over. */
  readonly completed: number;
  readonly errors: number;
}

export interface Limits {
  readonly maxConcurrency: number;
  readonly maxErrors: number;
}

export type Decision =
  /** Errors are over the limit: what has not started never will. */
  | { readonly kind: 'stop' }
  /** Start that many more (0: wait), with this window from now on. */
  | { readonly kind: 'start'; readonly count: number; readonly window: number };

/**
 * What to do next. A command begins with one node; once everything started has been taken by its node, the
 * window doubles, up to MaxConcurrency. A node that is away must not hold up the rest for ever, so a window
 * that has stood for `patience` counts as taken.
 * @param window how many may be under way at once, as of the last decision
 * @param waited whether the window has stood unchanged for as long as we wait for acknowledgements
 */
export function decide(spread: Spread, limits: Limits, window: number, waited: boolean): Decision {
  if (spread.errors > limits.maxErrors) return { kind: 'stop' };
  // Nothing is left to start: a window that grows all the same would be a write for nothing.
  if (spread.started >= spread.targets) return { kind: 'start', count: 0, window };
  const taken = spread.started > 0 && (spread.acknowledged >= spread.started || waited);
  const nextWindow = Math.min(limits.maxConcurrency, taken ? window * 2 : window);
  const underWay = spread.started - spread.completed;
  const count = Math.max(0, Math.min(nextWindow - underWay, spread.targets - spread.started));
  return { kind: 'start', count, window: nextWindow };
}
