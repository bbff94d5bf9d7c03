/** Whether V8 accepts a pattern. Pure. */

/** Names of Unicode properties that V8 knows; there are some hundreds. */
const known = new Set<string>();

/**
 * Checks the syntax. V8 compiles a pattern only when it first matches, but it builds the set of each property at once,
 * for each occurrence. So here each property is looked up once, by its name.
 * @throws SyntaxError
 */
export function checkSyntax(source: string, flags: string): void {
  const withoutProperties = flags.includes('u')
    ? source.replace(/\\(?:[pP]\{([^}]*)\}|[^])/g, (escape, name: string | undefined) => {
        if (name === undefined) return escape;
        if (!known.has(name)) new RegExp(`\\p{${name}}`, 'u');
        known.add(name);
        return 'a';
      })
    : source;
  try {
    new RegExp(withoutProperties, flags);
  } catch (error) {
    // V8 has other errors for what is too large.
    throw error instanceof SyntaxError ? error : new SyntaxError((error as Error).message);
  }
}
