/** The rules for values of all types. Pure. */
import { ValidationException } from '../../../core/errors.ts';

/** @throws ValidationException */
export function checkValue(value: string): void {
  if (value === '')
    throw new ValidationException(
      "1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1.",
    );
  // Half a surrogate pair is no character, so the stored value would differ from the sent one.
  if (!value.isWellFormed()) throw new ValidationException('The parameter value is not valid Unicode.');
  if (/\{\{\s*(?:ssm|ssm-secure):[^{}]*\}\}/.test(value))
    throw new ValidationException(
      "Parameter value: can't reference another parameter. Nested parameters are not supported.",
    );
}
