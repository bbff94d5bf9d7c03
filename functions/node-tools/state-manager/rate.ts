/** MaxConcurrency and MaxErrors of an association. Absent means no limit. Pure. */

export interface Limits {
  /** How many nodes may be at it at once. */
  readonly concurrency: number;
  /** How many errors are borne; one more stops the run. */
  readonly errors: number;
}

interface Given {
  readonly maxConcurrency?: string | undefined;
  readonly maxErrors?: string | undefined;
}

/** Whether the limits can only be told once the targets are counted. */
export function needsCount({ maxConcurrency, maxErrors }: Given): boolean {
  return [maxConcurrency, maxErrors].some((limit) => limit?.endsWith('%') === true && limit !== '100%');
}

/** Percentages are rounded down, MaxConcurrency to no less than one node. @param targets of this run */
export function limitsOf({ maxConcurrency, maxErrors }: Given, targets: number): Limits {
  return {
    concurrency: maxConcurrency === undefined ? Infinity : Math.max(1, absolute(maxConcurrency, targets)),
    errors: maxErrors === undefined ? Infinity : absolute(maxErrors, targets),
  };
}

function absolute(limit: string, targets: number): number {
  if (limit === '100%') return Infinity;
  const number = Number.parseInt(limit, 10);
  return limit.endsWith('%') ? Math.floor((targets * number) / 100) : number;
}
