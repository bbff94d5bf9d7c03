/** The paths below which nodes may decrypt parameters: none, unless they are granted to one node or to all nodes. */
import type { Context } from '../../../core/context.ts';
import type { Key } from '../../../core/state.ts';

/** Used instead of a node's id: every node. */
export const everyNode = 'all';

export interface GrantItem {
  /** Without a slash at the end; an empty path is the root. */
  readonly paths: readonly string[];
}

/** Few rows: only nodes with their own grants have one. */
export const grantsPartition = 'PARAMETER-GRANTS';
export const grantKey = (nodeId: string): Key => ({ pk: grantsPartition, sk: nodeId });

export async function grantedPaths(nodeId: string, { state }: Pick<Context, 'state'>): Promise<string[]> {
  const rows = await state.getMany<GrantItem>([grantKey(everyNode), grantKey(nodeId)]);
  return rows.flatMap(({ body }) => body.paths);
}
