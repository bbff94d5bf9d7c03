/** Nodes that take work only from admins: how a node becomes one, and what may run on it (core/admin-work.ts). */
import { markNodeKeys } from '../../core/access-keys.ts';
import { takesOnlyAdminWork } from '../../core/admin-work.ts';
import type { Context, RequestContext } from '../../core/context.ts';
import { AccessDeniedException } from '../../core/errors.ts';
import { retryOnConflict } from '../../core/retry-on-conflict.ts';
import type { Node } from './node.ts';
import { nodeKey, type NodeItem } from './store.ts';

/** What is to run on a node: a command, an association, or the document of either. */
export interface Work {
  /** Whether an admin created it. Absent in rows of earlier versions, where it counts as no. */
  readonly byAdmin?: boolean | undefined;
}

/**
 * Whether a node may run all of this. Pure.
 * @example mayRunOn(node, association, document)
 */
export function mayRunOn(node: Pick<Node, 'adminsOnly'>, ...works: readonly Work[]): boolean {
  return !node.adminsOnly || works.every(({ byAdmin }) => byAdmin === true);
}

/** Why a node does not run something, for the person who requested it. */
export const adminsOnlyReason =
  "its agent runs on Flotilla's own machine as root or as Flotilla's own user, so it takes work only from admins, and runs only documents that admins wrote";

/**
 * For operations that name nodes by id.
 * @param works what the caller wants to run on them
 * @throws AccessDeniedException that names the first node that may not run it
 */
export function assertMayRunOn(
  nodes: readonly Pick<Node, 'id' | 'adminsOnly'>[],
  works: readonly Work[],
  operation: string,
  { caller, account, region }: Pick<RequestContext, 'caller' | 'account' | 'region'>,
): void {
  const refused = nodes.find((node) => !mayRunOn(node, ...works));
  if (refused === undefined) return;
  throw new AccessDeniedException(
    `User: ${caller.arn} is not authorized to perform: ssm:${operation} on resource: arn:aws:ssm:${region}:${account}:managed-instance/${refused.id}: ${adminsOnlyReason}. An admin lifts this by starting Flotilla with --share-this-machine.`,
  );
}

/** Whether a registered node takes work only from admins. One read, for when work is given to it. */
export async function isOnlyForAdmins(context: Pick<Context, 'state' | 'settings'>, nodeId: string): Promise<boolean> {
  const row = await context.state.get<NodeItem>(nodeKey(nodeId));
  return row !== undefined && takesOnlyAdminWork(row.body, context.settings);
}

/**
 * Records that a node's agent runs on Flotilla's own machine as root or as Flotilla's user: in the node's row and in
 * its existing keys. Only a new registration undoes this.
 */
export async function markOnServiceMachine(context: Context, nodeId: string): Promise<void> {
  await retryOnConflict(async () => {
    const row = await context.state.get<NodeItem>(nodeKey(nodeId));
    if (row === undefined || row.body.onServiceMachine === true) return;
    await context.state.transact([
      { update: nodeKey(nodeId), set: { onServiceMachine: true }, when: { version: row.version } },
    ]);
    context.log.warn('a node runs on this very machine; it takes work only from admins', { nodeId });
  }, context);
  await markNodeKeys(context, nodeId);
}
