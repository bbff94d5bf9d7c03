/** Package names in the lists of approved and rejected patches: `openssl`, `linux-*`. */
import { matchesWildcard, readWildcard } from '../../../core/patterns/index.ts';

/** Whether one of the patterns matches the name. `*` is any text; patterns are case-sensitive, as package names are. */
export function matchesAny(patterns: readonly string[], name: string): boolean {
  return patterns.some((pattern) => matchesWildcard(readWildcard(pattern), name));
}
