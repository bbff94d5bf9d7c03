/** How many steps a backtracking engine may need for a pattern, computed before it runs. Pure. */

/** A pattern's structure, as far as it matters for backtracking. */
export type Structure =
  /** One character, or an assertion. */
  | 'one'
  /** The start of the text. */
  | 'start'
  /** A back-reference to a group. */
  | 'reference'
  | { readonly sequence: readonly Structure[] }
  | { readonly choice: readonly Structure[] }
  | { readonly repeat: Structure; readonly least: number; readonly most: number };

interface Bound {
  /** In how many ways the part can match from one position. */
  readonly ways: number;
  /** The steps that find all of these ways. */
  readonly steps: number;
}

/**
 * The most steps that a search can take; may be `Infinity`. It depends only on the text's length.
 * @param length characters of the text
 */
export function mostSteps(pattern: Structure, length: number): number {
  const { steps } = boundOf(pattern, length);
  // An anchored pattern ends with its first step at every position but the start.
  return isAnchored(pattern) ? steps + length : steps * (length + 1);
}

function boundOf(part: Structure, length: number): Bound {
  if (part === 'one' || part === 'start') return { ways: 1, steps: 1 };
  if (part === 'reference') return { ways: 1, steps: length };
  if ('sequence' in part) {
    let [ways, steps] = [1, 1];
    for (const next of part.sequence) {
      const bound = boundOf(next, length);
      // The rest is tried after each way in which the part before it can match.
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
  // A round that matches no character is the last one, beyond the required rounds.
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
