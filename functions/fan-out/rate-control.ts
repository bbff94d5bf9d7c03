/** MaxConcurrency, MaxErrors and the ramp-up (run-command.md §4.3). Pure. */

/** How many may run at once: a number, or a percentage of the targets rounded down, but at least one. */
export function maxConcurrencyOf(expression: string | undefined, targets: number): number {
  return Math.max(1, absolute(expression, targets));
}

/** How many errors are allowed: one more stops the job. A percentage of the targets is rounded down. */
export function maxErrorsOf(expression: string | undefined, targets: number): number {
  return absolute(expression, targets);
}

/** Whether a limit can only be known once the targets are counted. */
export function needsCount(expression: string | undefined): boolean {
  return expression?.endsWith('%') === true && expression !== '100%' && expression !== '0%';
}

/** @param targets Infinity where their number is not known */
function absolute(expression: string | undefined, targets: number): number {
  if (expression === undefined) return Infinity;
  const number = Number.parseInt(expression, 10);
  if (!expression.endsWith('%')) return number;
  return number === 0 ? 0 : Math.floor((targets * number) / 100);
}

/** What a job knows of its own progress, in numbers of targets. */
export interface Spread {
  readonly targets: number;
  readonly started: number;
  /** Of those started, how many a node has acknowledged (or are over). */
  readonly acknowledged: number;
  /** Of those started, how many do not count against MaxConcurrency any more. */
  readonly completed: number;
  readonly errors: number;
}

export interface Limits {
  readonly maxConcurrency: number;
  readonly maxErrors: number;
}

export type Decision =
  /** There are more errors than allowed: what has not started never will. */
  | { readonly kind: 'stop' }
  /** Start that many more (0: wait), with this window from now on. */
  | { readonly kind: 'start'; readonly count: number; readonly window: number };

/**
 * What to do next. A ramp-up begins with one target; once everything started has been acknowledged, the window doubles,
 * up to MaxConcurrency. A node that is away must not hold up the rest for ever, so a window that has not changed for
 * long enough counts as acknowledged.
 * @param window how many may be under way at once, as of the last decision; Infinity: no ramp-up
 * @param waited whether the window has not changed for as long as acknowledgements are waited for
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
