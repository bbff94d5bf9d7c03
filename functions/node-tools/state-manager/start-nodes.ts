/** Starts an execution on a page of its targets, each in a transaction of its own. */
import type { Context } from '../../../core/context.ts';
import { manyAtOnce } from '../../../core/many-at-once.ts';
import { retryOnConflict } from '../../../core/retry-on-conflict.ts';
import { ConditionFailed, StateUnavailable, type Row } from '../../../core/state.ts';
import { getNodesAsTargets, meets, type NodeAsTarget } from '../../nodes/index.ts';
import { startOnNode, type Run } from './start-on-node.ts';
import { nodeAssociationKey, type NodeAssociationItem } from './store.ts';

const atOnce = 16;

/** A node and what it has of the association, as they were read. */
interface ReadNode {
  readonly target: NodeAsTarget | undefined;
  readonly row: Row<NodeAssociationItem> | undefined;
}

/**
 * Starts as many as it can: a node whose rows others are writing again and again fails none of the others. It is tried
 * anew later, with those behind it, on which the execution is not started twice.
 * @param nodeIds in the order of ids
 * @returns the id up to which all are started; undefined where the first could not be
 */
export async function startNodes(run: Run, nodeIds: readonly string[], context: Context): Promise<string | undefined> {
  const read = await readNodes(run, nodeIds, context);
  const failed = new Set<string>();
  await manyAtOnce(nodeIds, atOnce, async (nodeId) => {
    try {
      await start(run, nodeId, read.get(nodeId) ?? { target: undefined, row: undefined }, context);
    } catch (error) {
      if (!(error instanceof ConditionFailed || error instanceof StateUnavailable)) throw error;
      context.log.warn('an association could not be started on a node; it is tried again', { nodeId, error });
      failed.add(nodeId);
    }
  });
  const firstFailed = nodeIds.findIndex((nodeId) => failed.has(nodeId));
  return firstFailed === -1 ? nodeIds.at(-1) : nodeIds[firstFailed - 1];
}

/** @throws ConditionFailed, StateUnavailable where others write the node's rows again and again */
async function start(run: Run, nodeId: string, first: ReadNode, context: Context): Promise<void> {
  let read: ReadNode | undefined = first;
  await retryOnConflict(async () => {
    const { target, row } = read ?? (await readNodes(run, [nodeId], context)).get(nodeId)!;
    read = undefined;
    // It may have gone since the targets were found, or lost a tag.
    if (target === undefined || !meets(target.node, run.criteria)) return;
    const begun = startOnNode(run, target, row, context);
    if (begun === undefined) return;
    await context.state.transact(begun.writes);
    if (begun.wakes) context.mailbox.wake(nodeId);
  }, context);
}

async function readNodes(run: Run, nodeIds: readonly string[], context: Context): Promise<Map<string, ReadNode>> {
  const [targets, rows] = await Promise.all([
    getNodesAsTargets(context, nodeIds),
    context.state.getMany<NodeAssociationItem>(
      nodeIds.map((id) => nodeAssociationKey(id, run.association.associationId)),
    ),
  ]);
  return new Map(
    nodeIds.map((id) => [
      id,
      { target: targets.find(({ node }) => node.id === id), row: rows.find(({ body }) => body.nodeId === id) },
    ]),
  );
}
