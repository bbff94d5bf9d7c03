/** The paths under which nodes may decrypt parameters: none, unless they are granted to one node or to all. */
import type { Context } from '../../../core/context.ts';
import type { Key } from '../../../core/state.ts';

/** In place of a node's id: every node. */
export const everyNode = 'all';

export interface GrantItem {
  /** Without a slash at the end; the empty one is the root. */
  readonly paths: readonly string[];
}

/** Few rows: of those nodes that have grants of their own. */
export const grantsPartition = 'PARAMETER-GRANTS';
export const grantKey = (nodeId: string): Key => ({ pk: grantsPartition, sk: nodeId });

export async function grantedPaths(nodeId: string, { state }: Pick<Context, 'state'>): Promise<string[]> {
  const rows = await state.getMany<GrantItem>([grantKey(everyNode), grantKey(nodeId)]);
  return rows.flatMap(({ body }) => body.paths);
}
