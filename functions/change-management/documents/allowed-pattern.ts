/** `allowedPattern`: written for Java and Go, run here. Pure. */
import { LeastRecentlyUsed } from '../../../core/least-recently-used.ts';

const compiled = new LeastRecentlyUsed<string, RegExp>(256);

/**
 * The pattern as this runtime's. It looks for a match anywhere in the value, as agents do, so that a pattern
 * means the same on both sides.
 * @throws SyntaxError for what neither the pattern language of Go and Java nor ours knows
 */
export function allowedPattern(pattern: string): RegExp {
  let expression = compiled.get(pattern);
  if (expression === undefined) {
    expression = compile(pattern);
    compiled.set(pattern, expression);
  }
  return expression;
}

function compile(pattern: string): RegExp {
  const { flags, body } = leadingFlags(pattern);
  const translated = body.replace(/\\([\s\S])/g, (escape, letter: string) => anchors[letter] ?? escape);
  // The strict mode knows \p{…}; the other forgives escapes that Go and Java forgive too.
  try {
    return new RegExp(translated, `${flags}u`);
  } catch {
    return new RegExp(translated, flags);
  }
}

const anchors: Readonly<Record<string, string>> = { A: '(?<![\\s\\S])', z: '(?![\\s\\S])', Z: '(?![\\s\\S])' };

/** `(?i)` at the start speaks of the whole pattern; here that is a flag. */
function leadingFlags(pattern: string): { flags: string; body: string } {
  const match = /^\(\?([ims]+)\)/.exec(pattern);
  return match === null
    ? { flags: '', body: pattern }
    : { flags: [...new Set(match[1])].join(''), body: pattern.slice(match[0].length) };
}
