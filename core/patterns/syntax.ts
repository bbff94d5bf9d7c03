/** Whether V8 takes a pattern. Pure. */

/** Names of properties that V8 knows; they are some hundreds. */
const known = new Set<string>();

/**
 * V8 compiles a pattern when it first matches, but builds the sets of its properties at once, and for each place anew:
 * here each is looked up once, by its name.
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
    // V8 has further errors for what is too large.
    throw error instanceof SyntaxError ? error : new SyntaxError((error as Error).message);
  }
}
