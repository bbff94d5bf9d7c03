/** Whether texts match the patterns that users bring: here where that is quick for sure, else in a thread. */
import { LRUCache } from 'lru-cache';
import { BacktrackingThread, type Verdict } from './backtracking.ts';
import { mostSteps } from './cost.ts';
import { PatternTooLarge, translate, type Translated } from './translate.ts';

export interface Question {
  /** In Java's syntax, as AWS documents it. Go's is nearly the same. */
  readonly pattern: string;
  /** A match anywhere in it counts: patterns bring their own anchors. */
  readonly text: string;
}

/**
 * - `invalid`: the pattern is not one, or is too large.
 * - `unjudged`: the answer was not found in the time that there is for it.
 */
export type Judgement = Verdict | 'invalid';

/** Steps of V8's that one call may take in this thread: well under a millisecond, whatever the patterns. */
const mostStepsHere = 50_000;

type Read =
  | { readonly translated: Translated; expression?: RegExp }
  | { readonly translated?: undefined; readonly fault: string };

const read = new LRUCache<string, Read>({ max: 512 });
const thread = new BacktrackingThread();

/**
 * Why a text is no pattern that can be judged; `undefined` where it is one.
 * @example patternFault('(') // 'is not a regular expression'
 */
export function patternFault(pattern: string): string | undefined {
  const known = readPattern(pattern);
  return known.translated === undefined ? known.fault : undefined;
}

/**
 * The answers, in the order of the questions. Never rejects. It keeps nobody else waiting: what could take long goes
 * to a thread, where callers take turns.
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
    // Not kept: such a text may be of any length.
    return { fault: error instanceof PatternTooLarge ? error.message : 'is not a regular expression' };
  }
}
