/** Which associations a caller may read: a node only those of which it is a target. */
import type { RequestContext } from '../../../core/context.ts';
import { AccessDeniedException } from '../../../core/errors.ts';
import type { Row } from '../../../core/state.ts';
import { nodeMatches } from '../../nodes/index.ts';
import { nodeAssociationKey, type AssociationItem } from './store.ts';

/**
 * An association shows its parameters and the ids of its nodes: to a node only where it is the node's. The answer
 * is the same for an association that does not exist, so that a node learns nothing from it.
 * @param row undefined where there is no such association
 * @throws AccessDeniedException
 */
export async function assertMayRead(
  row: Row<AssociationItem> | undefined,
  operation: string,
  context: RequestContext,
): Promise<void> {
  const { caller, account, region } = context;
  if (caller.kind !== 'node' || (row !== undefined && (await isTarget(caller.nodeId, row.body, context)))) return;
  context.log.warn('association of other nodes refused', { caller: caller.arn });
  throw new AccessDeniedException(
    `User: ${caller.arn} is not authorized to perform: ssm:${operation} on resource: arn:aws:ssm:${region}:${account}:association/*`,
  );
}

async function isTarget(nodeId: string, association: AssociationItem, context: RequestContext): Promise<boolean> {
  const own = await context.state.get(nodeAssociationKey(nodeId, association.associationId));
  // A node whose turn has not come yet is a target all the same.
  return own !== undefined || nodeMatches(context, nodeId, association.targets);
}
