/** The models' patterns are Java's, and hold for the whole text. */

/**
 * A pattern as a regular expression here.
 *
 * A repeated group of one repeated class, `([a-z]+)*`, is written as the class: it says the same, and does not
 * take time exponential in the length of a text that nearly matches.
 */
export function javaPattern(pattern: string): RegExp {
  const ignoreCase = pattern.startsWith('(?i)');
  const source = `^(?:${(ignoreCase ? pattern.slice(4) : pattern).replace(/\((\[(?:[^\]\\]|\\.)+\])\+\)\*/g, '$1*')})$`;
  const flags = ignoreCase ? 'i' : '';
  try {
    return new RegExp(source, `${flags}u`);
  } catch {
    // Escapes such as `\-` outside a class, which only the older syntax lets pass.
    return new RegExp(source, flags);
  }
}
