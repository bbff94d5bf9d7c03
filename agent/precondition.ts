/** A step's precondition: `StringEquals` over the platform or over parameters (schema 2.2). Pure. */
import { isObject } from './document.ts';
import { substitute, type Parameters, type Value } from './substitution.ts';

export type Verdict = 'run' | 'skip' | { readonly invalid: string };

const platforms = ['linux', 'windows', 'macos'];
const reference = /\{\{\s*[a-zA-Z0-9]+\s*\}\}/;

/** @param platform `Linux`, `Windows` or `MacOS` */
export function judgePrecondition(precondition: Value | undefined, parameters: Parameters, platform: string): Verdict {
  if (precondition === undefined || precondition === null) return 'run';
  if (!isObject(precondition)) return { invalid: 'The precondition is not an object.' };
  for (const [operator, operands] of Object.entries(precondition)) {
    if (operator !== 'StringEquals') return { invalid: `The precondition's operator ${operator} is not known.` };
    if (!Array.isArray(operands) || operands.length !== 2 || !operands.every((operand) => typeof operand === 'string')) return { invalid: 'StringEquals of a precondition compares two texts.' };
    const verdict = judgePair(operands as [string, string], parameters, platform);
    if (verdict !== 'run') return verdict;
  }
  return 'run';
}

function judgePair([left, right]: readonly [string, string], parameters: Parameters, platform: string): Verdict {
  const other = left === 'platformType' ? right : right === 'platformType' ? left : undefined;
  if (other !== undefined && platforms.includes(other.toLowerCase())) return other.toLowerCase() === platform.toLowerCase() ? 'run' : 'skip';
  if (other !== undefined && !reference.test(other)) return { invalid: `The platform ${other} of the precondition is not known.` };
  if (!reference.test(left) && !reference.test(right)) return { invalid: 'A precondition speaks of platformType or of a parameter.' };
  const resolve = (text: string): string => {
    const value = text === 'platformType' ? platform : substitute(text, parameters);
    return typeof value === 'string' ? value : JSON.stringify(value);
  };
  const same = other === undefined ? resolve(left) === resolve(right) : resolve(left).toLowerCase() === resolve(right).toLowerCase();
  return same ? 'run' : 'skip';
}
