/** AllowedPattern: a caller's regular expression over a caller's value. */
import { createContext, Script, type Context } from 'node:vm';
import { InvalidAllowedPatternException, ParameterPatternMismatchException } from './errors.ts';

/** Milliseconds. A pattern that goes astray must not hold up everybody else. */
const patience = 50;

const search = new Script('new RegExp(pattern, "u").test(value)');
const searchForgivingly = new Script('new RegExp(pattern).test(value)');
/** A world of its own, for only in such a one can a search be broken off. Made once: that takes a millisecond. */
const sandbox = { pattern: '', value: '' };
let world: Context | undefined;

/**
 * A match anywhere is one: patterns bring their own anchors.
 * @throws InvalidAllowedPatternException for what is no pattern, or takes too long over this value
 * @throws ParameterPatternMismatchException
 */
export function checkAllowedPattern(pattern: string, value: string): void {
  if (!matches(pattern, value))
    throw new ParameterPatternMismatchException(
      `Parameter value, cannot be validated against allowedPattern: ${pattern}`,
    );
}

function matches(pattern: string, value: string): boolean {
  world ??= createContext(sandbox);
  Object.assign(sandbox, { pattern, value });
  for (const script of [search, searchForgivingly]) {
    try {
      return script.runInContext(world, { timeout: patience }) as boolean;
    } catch (error) {
      // The strict mode knows \p{…}; the other forgives escapes that Java forgives too.
      if ((error as Error).name !== 'SyntaxError') break;
    }
  }
  throw new InvalidAllowedPatternException(`The request does not meet the regular expression requirement: ${pattern}`);
}
