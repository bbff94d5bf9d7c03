/** How long a document may run, for the calculation of a command's deadline. Pure. */
import type { NamedParameter, ParameterValues } from './parameters.ts';

/** The agents' default, which they also use instead of any value outside of 5 to 172,800. */
const usual = 3600;
const shortest = 5;
const longest = 172_800;

/**
 * Seconds: the parameter `executionTimeout` where the document has one, else an hour. AWS's own documents use this
 * name. How AWS counts several steps is not documented.
 */
export function executionTimeoutOf(
  document: { readonly parameters: readonly NamedParameter[] },
  given: ParameterValues,
): number {
  const parameter = document.parameters.find(({ name }) => name === 'executionTimeout');
  if (parameter === undefined) return usual;
  const seconds = Number(given[parameter.name]?.[0] ?? parameter.default);
  return Number.isFinite(seconds) && seconds >= shortest && seconds <= longest ? seconds : usual;
}
