/** How long a document may run, as far as a caller's deadline counts it. Pure. */
import type { NamedParameter, ParameterValues } from './parameters.ts';

/** What agents take where nothing says otherwise; what they take instead of anything outside of 5 to 172,800. */
const usual = 3600;
const shortest = 5;
const longest = 172_800;

/**
 * Seconds. The parameter `executionTimeout` where the document has one, else an hour: AWS's own documents name
 * it so, and how AWS counts several steps is not documented.
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
