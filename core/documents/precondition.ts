/** A step's precondition: `StringEquals` with the platform or with parameters (schema 2.2). Pure. */
import { isObject } from './document.ts';
import { substitute, type Parameters, type Value } from './substitution.ts';

export type Verdict = 'run' | 'skip' | { readonly invalid: string };

const reference = /\{\{\s*[a-zA-Z0-9]+\s*\}\}/;
const storeReference = /\{\{\s*ssm(-secure)?:/;

/** @param platform `Linux`, `Windows` or `MacOS` */
export function judgePrecondition(precondition: Value | undefined, parameters: Parameters, platform: string): Verdict {
  if (precondition === undefined || precondition === null) return 'run';
  if (!isObject(precondition)) return { invalid: 'The precondition is not an object.' };
  for (const [operator, operands] of Object.entries(precondition)) {
    if (operator !== 'StringEquals') return { invalid: `The precondition's operator ${operator} is not known.` };
    if (!Array.isArray(operands) || operands.length !== 2 || !operands.every((operand) => typeof operand === 'string'))
      return { invalid: 'StringEquals of a precondition compares two texts.' };
    const verdict = judgePair(operands as [string, string], parameters, platform);
    if (verdict !== 'run') return verdict;
  }
  return 'run';
}

/** What amazon-ssm-agent accepts: the platform and a constant, or two different texts of which one has a parameter. */
function judgePair([left, right]: readonly [string, string], parameters: Parameters, platform: string): Verdict {
  if (left === right) return { invalid: 'A precondition compares two different texts.' };
  if (storeReference.test(left + right)) return { invalid: 'A precondition cannot speak of Parameter Store.' };
  const other = left === 'platformType' ? right : right === 'platformType' ? left : undefined;
  if (other !== undefined) {
    if (reference.test(other))
      return { invalid: 'A precondition compares platformType with a constant, not with a parameter.' };
    return other.toLowerCase() === platform.toLowerCase() ? 'run' : 'skip';
  }
  if (!reference.test(left) && !reference.test(right))
    return { invalid: 'A precondition speaks of platformType or of a parameter.' };
  const resolve = (text: string): string => {
    const value = substitute(text, parameters);
    return typeof value === 'string' ? value : JSON.stringify(value);
  };
  return resolve(left) === resolve(right) ? 'run' : 'skip';
}
