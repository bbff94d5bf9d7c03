/** AllowedPattern: a caller's regular expression over a caller's value. */
import { judge } from '../../../core/patterns/index.ts';
import { InvalidAllowedPatternException, ParameterPatternMismatchException } from './errors.ts';

/**
 * A match anywhere is one: patterns bring their own anchors.
 * @param caller whose they are: an ARN
 * @throws InvalidAllowedPatternException for what is no pattern, or takes too long over this value
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
