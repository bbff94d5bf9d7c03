/**
 * Wildcards in event patterns, in lists of patches and in file filters. They are not turned into regular expressions:
 * the time is linear in the length of the text. Pure.
 */

/** The text between two `*`: characters, and `undefined` for any one character. */
type Segment = readonly (string | undefined)[];

/** A parsed wildcard pattern. */
export interface Wildcard {
  readonly segments: readonly Segment[];
}

/**
 * Parses a pattern in which `*` is any text.
 * @param options `escapes`: `\*` and `\\` are the characters themselves. `question`: `?` is any one character. With it
 * the time is no longer linear: use it for short texts such as file names
 * @example matchesWildcard(readWildcard('linux-*'), 'linux-image') // true
 */
export function readWildcard(
  pattern: string,
  { escapes = false, question = false }: { readonly escapes?: boolean; readonly question?: boolean } = {},
): Wildcard {
  let segment: (string | undefined)[] = [];
  const segments = [segment];
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at]!;
    if (character === '*') segments.push((segment = []));
    else if (escapes && character === '\\' && /^[*\\]/.test(pattern.slice(at + 1, at + 2))) segment.push(pattern[++at]);
    else segment.push(question && character === '?' ? undefined : character);
  }
  return { segments };
}

/** Whether the whole text matches. Case counts. */
export function matchesWildcard({ segments }: Wildcard, text: string): boolean {
  const head = segments[0] ?? [];
  const tail = segments.at(-1) ?? [];
  if (segments.length === 1) return text.length === head.length && isAt(head, text, 0);
  const end = text.length - tail.length;
  if (end < head.length || !isAt(head, text, 0) || !isAt(tail, text, end)) return false;
  // Each segment takes its first match: that leaves the most room for the following ones.
  let at = head.length;
  for (const segment of segments.slice(1, -1)) {
    const found = find(segment, text, at, end);
    if (found === undefined) return false;
    at = found + segment.length;
  }
  return true;
}

function isAt(segment: Segment, text: string, at: number): boolean {
  return segment.every((wanted, index) => wanted === undefined || wanted === text[at + index]);
}

/** The first match of a segment in the text from `at` to `end`. */
function find(segment: Segment, text: string, at: number, end: number): number | undefined {
  if (segment.includes(undefined)) {
    for (let index = at; index + segment.length <= end; index++) if (isAt(segment, text, index)) return index;
    return undefined;
  }
  // The Knuth-Morris-Pratt search: it looks at each character of the text once.
  const borders = bordersOf(segment);
  let matched = 0;
  if (segment.length === 0) return at;
  for (let position = at; position < end; position++) {
    while (matched > 0 && segment[matched] !== text[position]) matched = borders[matched - 1]!;
    if (segment[matched] === text[position]) matched++;
    if (matched === segment.length) return position - matched + 1;
  }
  return undefined;
}

/** For each prefix of a segment: the length of its longest proper prefix that is also its suffix. */
function bordersOf(segment: Segment): number[] {
  const borders = [0];
  for (let index = 1, length = 0; index < segment.length; index++) {
    while (length > 0 && segment[length] !== segment[index]) length = borders[length - 1]!;
    if (segment[length] === segment[index]) length++;
    borders.push(length);
  }
  return borders;
}
