/** How much work a backtracking engine can have with a pattern, before it has any. Pure. */

/** A pattern's structure, as far as it matters to backtracking. */
export type Structure =
  /** One character, or an assertion. */
  | 'one'
  /** The start of the text. */
  | 'start'
  /** What a group has matched, once more. */
  | 'reference'
  | { readonly sequence: readonly Structure[] }
  | { readonly choice: readonly Structure[] }
  | { readonly repeat: Structure; readonly least: number; readonly most: number };

interface Bound {
  /** In how many ways it can match from one place. */
  readonly ways: number;
  /** Steps in which all of these ways are found. */
  readonly steps: number;
}

/**
 * The most steps that a search can take, `Infinity` included. Nothing is assumed of the text but its length.
 * @param length characters of the text
 */
export function mostSteps(pattern: Structure, length: number): number {
  const { steps } = boundOf(pattern, length);
  // Elsewhere than at the start an anchored pattern ends with its first step.
  return isAnchored(pattern) ? steps + length : steps * (length + 1);
}

function boundOf(part: Structure, length: number): Bound {
  if (part === 'one' || part === 'start') return { ways: 1, steps: 1 };
  if (part === 'reference') return { ways: 1, steps: length };
  if ('sequence' in part) {
    let [ways, steps] = [1, 1];
    for (const next of part.sequence) {
      const bound = boundOf(next, length);
      // What follows is tried after each way in which what stands before it can match.
      steps += ways * bound.steps;
      ways *= bound.ways;
    }
    return { ways, steps };
  }
  if ('choice' in part) {
    const bounds = part.choice.map((alternative) => boundOf(alternative, length));
    return { ways: sum(bounds.map(({ ways }) => ways)), steps: 1 + sum(bounds.map(({ steps }) => steps)) };
  }
  const { ways, steps } = boundOf(part.repeat, length);
  // A round that takes no character is the last one, beyond those that are required.
  const rounds = Math.min(part.most, Math.max(part.least, length + 1));
  if (ways <= 1) return { ways: rounds - part.least + 1, steps: 1 + (rounds + 1) * steps };
  const all = (ways ** (rounds + 1) - 1) / (ways - 1);
  return { ways: all, steps: 1 + all * steps };
}

function isAnchored(pattern: Structure): boolean {
  if (typeof pattern === 'string') return pattern === 'start';
  if ('choice' in pattern) return pattern.choice.every(isAnchored);
  return 'sequence' in pattern && pattern.sequence[0] !== undefined && isAnchored(pattern.sequence[0]);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
