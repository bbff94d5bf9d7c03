/** Who may do what with files (docs/files.md). */
import type { Caller } from '../../core/caller.ts';
import { accessDenied } from './errors.ts';

/**
 * describe: a bucket's Region and encryption. read: lists and objects. store: put an object, in one request or in
 * parts. change: everything else.
 */
export type Access = 'describe' | 'read' | 'store' | 'change';

/**
 * Admins and operators may do everything; viewers may read. A node may store objects whose key has its own id as a
 * segment (`<prefix>/<command>/<node>/…`), and may read from all buckets but the service's own. In the service's own
 * bucket it may only add to collected documents and to commands' output.
 * @throws S3Error AccessDenied
 */
export function authorizeS3(
  caller: Caller,
  access: Access,
  { bucket, key }: { readonly bucket: string; readonly key: string },
  serviceBucket: string,
): void {
  const allowed =
    caller.kind === 'person'
      ? caller.role !== 'viewer' || access === 'describe' || access === 'read'
      : caller.kind === 'node' && nodeMay(caller.nodeId, access, bucket, key, serviceBucket);
  if (!allowed) throw accessDenied();
}

/**
 * All buckets belong to this account, so a request that expects another owner is refused.
 * @throws S3Error AccessDenied
 */
export function checkOwner(expected: string | undefined, { account }: { readonly account: string }): void {
  if (expected !== undefined && expected !== account) throw accessDenied();
}

function nodeMay(nodeId: string, access: Access, bucket: string, key: string, serviceBucket: string): boolean {
  const segments = key.split('/');
  const service = bucket === serviceBucket;
  switch (access) {
    case 'describe':
      return bucket !== '';
    case 'read':
      return bucket !== '' && !service;
    case 'store':
      // In the service's bucket, reports and other objects of the service also have node ids in their keys.
      return segments.includes(nodeId) && (!service || /^(collected(-|$)|output$)/.test(segments[0] ?? ''));
    case 'change':
      return false;
  }
}
