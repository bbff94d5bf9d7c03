/** Public parameters, under /aws/service: what everybody may read and nobody here writes (spec: parameter-store.md §8). */
import type { Context } from '../../../core/context.ts';
import { noSuchParameter } from './names.ts';
import type { FoundVersion } from './read-parameter.ts';

/** Whether a name is one of AWS's own. */
export function isPublic(name: string): boolean {
  return name.startsWith('/aws/');
}

export async function publicVersion(name: string, _context: Context): Promise<FoundVersion> {
  throw noSuchParameter(name);
}

export async function publicUnder(_path: string, _recursive: boolean, _page: { readonly after: string | undefined; readonly limit: number }, _context: Context): Promise<{ found: readonly FoundVersion[]; next?: { after: string } }> {
  return { found: [] };
}
