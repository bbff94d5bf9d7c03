/** AllowedPattern: a caller's regular expression for values. */
import { judge } from '../../../core/patterns/index.ts';
import { InvalidAllowedPatternException, ParameterPatternMismatchException } from './errors.ts';

/**
 * Checks a value. A match anywhere in it counts: patterns bring their own anchors.
 * @param caller who sent both: an ARN
 * @throws InvalidAllowedPatternException for an invalid pattern, or one that takes too long on this value
 * @throws ParameterPatternMismatchException
 */
export async function checkAllowedPattern(pattern: string, value: string, caller: string): Promise<void> {
  const [judgement] = await judge([{ pattern, text: value }], caller);
  if (judgement === 'mismatch')
    throw new ParameterPatternMismatchException(
      `Parameter value, cannot be validated against allowedPattern: ${pattern}`,
    );
  if (judgement !== 'match')
    throw new InvalidAllowedPatternException(
      `The request does not meet the regular expression requirement: ${pattern}`,
    );
}
