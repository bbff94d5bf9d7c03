/** What every value must be, whatever its type. Pure. */
import { ValidationException } from '../../../core/errors.ts';

/** @throws ValidationException */
export function checkValue(value: string): void {
  if (value === '')
    throw new ValidationException(
      "1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1.",
    );
  // Half a surrogate pair is no character: what was stored would not be what was sent.
  if (!value.isWellFormed()) throw new ValidationException('The parameter value is not valid Unicode.');
  if (/\{\{\s*(?:ssm|ssm-secure):[^{}]*\}\}/.test(value))
    throw new ValidationException(
      "Parameter value: can't reference another parameter. Nested parameters are not supported.",
    );
}
