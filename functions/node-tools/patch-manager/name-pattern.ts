/** Package names in the lists of approved and rejected patches: `openssl`, `linux-*`. */
import { matchesWildcard, readWildcard } from '../../../core/patterns/index.ts';

/** Whether one of the patterns is the name. `*` stands for any characters; case counts, as in package names. */
export function matchesAny(patterns: readonly string[], name: string): boolean {
  return patterns.some((pattern) => matchesWildcard(readWildcard(pattern), name));
}
