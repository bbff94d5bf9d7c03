/** The models' patterns are Java's, and must match the whole text. */

/**
 * Converts a model's pattern to a regular expression.
 *
 * A repeated group of one repeated class, `([a-z]+)*`, is replaced by the class. The meaning is the same, but matching
 * does not take exponential time on a text that nearly matches.
 */
export function javaPattern(pattern: string): RegExp {
  const ignoreCase = pattern.startsWith('(?i)');
  const source = `^(?:${(ignoreCase ? pattern.slice(4) : pattern).replace(/\((\[(?:[^\]\\]|\\.)+\])\+\)\*/g, '$1*')})$`;
  const flags = ignoreCase ? 'i' : '';
  try {
    return new RegExp(source, `${flags}u`);
  } catch {
    // Only the older syntax accepts escapes such as `\-` outside a class.
    return new RegExp(source, flags);
  }
}
