/**
 * Whether texts match the patterns that users bring. A match that is certainly quick runs here; any other runs in a
 * thread.
 */
import { LRUCache } from 'lru-cache';
import { BacktrackingThread, type Verdict } from './backtracking.ts';
import { mostSteps } from './cost.ts';
import { PatternTooLarge, translate, type Translated } from './translate.ts';

export interface Question {
  /** In Java's syntax, which AWS documents. Go's is nearly the same. */
  readonly pattern: string;
  /** A match anywhere in the text counts: patterns bring their own anchors. */
  readonly text: string;
}

/**
 * - `invalid`: the pattern is no regular expression, or is too large.
 * - `unjudged`: no answer was found within the time limit.
 */
export type Judgement = Verdict | 'invalid';

/** The most steps that one call may take in this thread: well under a millisecond, whatever the patterns are. */
const mostStepsHere = 50_000;

type Read =
  | { readonly translated: Translated; expression?: RegExp }
  | { readonly translated?: undefined; readonly fault: string };

const read = new LRUCache<string, Read>({ max: 512 });
const thread = new BacktrackingThread();

/**
 * Why a text cannot be used as a pattern; `undefined` where it can.
 * @example patternFault('(') // 'is not a regular expression'
 */
export function patternFault(pattern: string): string | undefined {
  const known = readPattern(pattern);
  return known.translated === undefined ? known.fault : undefined;
}

/**
 * The answers, in the order of the questions. Never rejects. A match that could take long runs in a thread, where
 * callers take turns, so nobody else waits for it.
 * @param caller who brought the questions: an ARN
 * @example
 * const [judgement] = await judge([{ pattern: '^[a-z]+$', text: 'abc' }], caller.arn);
 * if (judgement !== 'match') throw new InvalidParameters(…);
 */
export async function judge(questions: readonly Question[], caller: string): Promise<Judgement[]> {
  let steps = 0;
  const answers = questions.map(async ({ pattern, text }): Promise<Judgement> => {
    const known = readPattern(pattern);
    if (known.translated === undefined) return 'invalid';
    const { source, flags, structure } = known.translated;
    steps += structure === undefined ? Infinity : mostSteps(structure, text.length);
    if (steps > mostStepsHere) return await thread.match(known.translated, text, caller);
    return (known.expression ??= new RegExp(source, flags)).test(text) ? 'match' : 'mismatch';
  });
  return await Promise.all(answers);
}

function readPattern(pattern: string): Read {
  const known = read.get(pattern);
  if (known !== undefined) return known;
  try {
    const translated = { translated: translate(pattern) };
    read.set(pattern, translated);
    return translated;
  } catch (error) {
    // Not cached: such a text may have any length.
    return { fault: error instanceof PatternTooLarge ? error.message : 'is not a regular expression' };
  }
}
