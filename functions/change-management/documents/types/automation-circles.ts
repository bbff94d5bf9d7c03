/** Finds steps of a runbook that would repeat for ever. Pure. */
import type { Path } from '../content.ts';
import type { Mapping } from '../shapes.ts';
import type { Violations } from '../violations.ts';

export interface Step {
  readonly path: Path;
  readonly given: Mapping;
  readonly name: string | undefined;
  readonly action: string | undefined;
  /** For an aws:loop: the steps that it repeats. */
  readonly inner: readonly Step[];
}

/** Adds circles of steps. A circle with a branch is allowed, because the branch can leave it. */
export function checkForCircles(steps: readonly Step[], faults: Violations): void {
  const seen = new Set<number>();
  for (const start of steps.keys()) {
    const walked: number[] = [];
    let at: number | string | undefined = start;
    while (typeof at === 'number' && !walked.includes(at) && !seen.has(at)) {
      walked.push(at);
      at = after(steps, at);
    }
    if (typeof at === 'number' && walked.includes(at)) {
      const circle = walked.slice(walked.indexOf(at));
      faults.add(
        steps[circle.at(-1)!]!.path,
        `leads into an infinite loop: ${[...circle, at].map((index) => steps[index]!.name ?? index).join(' -> ')}`,
      );
    }
    for (const position of walked) seen.add(position);
  }
}

/**
 * The step that always follows: an index in the list, or the name of a step around the list. `undefined` where
 * conditions decide, or nothing follows.
 */
function after(steps: readonly Step[], at: number): number | string | undefined {
  const { given, action, inner } = steps[at]!;
  const exit = exitOf(inner);
  if (exit === undefined && (action === 'aws:branch' || String(given.isEnd) === 'true')) return undefined;
  const next = exit ?? given.nextStep;
  if (typeof next !== 'string') return at + 1 < steps.length ? at + 1 : undefined;
  const index = steps.findIndex(({ name }) => name === next);
  return index < 0 ? next : index;
}

/** The step outside the loop to which the loop's first pass always leads. */
function exitOf(inner: readonly Step[]): string | undefined {
  const walked = new Set<number>();
  let at: number | string | undefined = inner.length === 0 ? undefined : 0;
  while (typeof at === 'number' && !walked.has(at)) {
    walked.add(at);
    at = after(inner, at);
  }
  return typeof at === 'string' ? at : undefined;
}
