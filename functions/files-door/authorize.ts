/** Who may do what with files (docs/files.md). */
import type { Caller } from '../../core/caller.ts';
import { accessDenied } from './errors.ts';

export type Access = 'read' | 'write';

/**
 * Admins and operators may read and write, viewers read. A node may write objects whose key has its own id
 * as a segment (`<prefix>/<command>/<node>/…`), and read what is not in the service's own bucket.
 * @throws S3Error AccessDenied
 */
export function authorizeS3(caller: Caller, access: Access, place: { readonly bucket: string; readonly key: string }, serviceBucket: string): void {
  if (caller.kind === 'node') {
    const own = place.key.split('/').includes(caller.nodeId);
    const allowed = access === 'write' ? own : own || place.bucket !== serviceBucket;
    if (!allowed) throw accessDenied();
    return;
  }
  if (caller.kind !== 'person' || (access === 'write' && caller.role === 'viewer')) throw accessDenied();
}
