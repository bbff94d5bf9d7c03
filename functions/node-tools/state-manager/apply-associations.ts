/** Brings the rows of one node up to what its tags, and the targets of associations, say now. */
import type { Context } from '../../../core/context.ts';
import { isOver } from '../../../core/deadline.ts';
import { retryOnConflict } from '../../../core/retry-on-conflict.ts';
import type { Row } from '../../../core/state.ts';
import { unfinished } from '../../../core/timers.ts';
import { getNodesAsTargets, type NodeAsTarget } from '../../nodes/index.ts';
import { isOf } from './effective-inventory.ts';
import { joinExecution } from './join-execution.ts';
import { removeFromNode, skipOnNode } from './remove-from-node.ts';
import {
  appliedKey,
  readAssociations,
  readNodeAssociations,
  type AssociationItem,
  type NodeAssociationItem,
} from './store.ts';
import { findAssociations, withCriteria, type Candidate } from './target-entries.ts';

export type Applied =
  | 'done'
  /** The deadline came first: to be called again. */
  | typeof unfinished
  /** An execution under way comes by the node later, and finds it by an index that may lag: to be looked at again. */
  | 'expected';

/**
 * Whatever the node has come to match starts on it at once; what it matches no more it loses. It reads the associations
 * that may be the node's by their targets, never all of them. Repeating it is harmless.
 */
export function applyAssociations(nodeId: string, context: Context): Promise<Applied> {
  // Tags that change meanwhile fail a transaction: then everything is judged anew.
  return retryOnConflict(() => applyOnce(nodeId, context), context);
}

async function applyOnce(nodeId: string, context: Context): Promise<Applied> {
  const [target] = await getNodesAsTargets(context, [nodeId]);
  if (target === undefined) return 'done';
  const rows = await readNodeAssociations(context.state, nodeId);
  const candidates = await candidatesOf(target, rows, context);
  const wanted = candidates.filter((candidate) => isOf(candidate, target.node));
  const wantedById = new Map(wanted.map((candidate) => [candidate.association.associationId, candidate]));
  for (const row of rows) {
    if (isOver(context)) return unfinished;
    const candidate = wantedById.get(row.body.associationId);
    if (candidate === undefined) await removeFromNode(row, target.unchanged, context);
    else if (row.body.state === 'Pending') await skipOnNode(row, candidate, target, context);
  }
  const present = new Set(rows.map(({ body }) => body.associationId));
  let isExpected = false;
  for (const candidate of wanted) {
    if (present.has(candidate.association.associationId)) continue;
    if (isOver(context)) return unfinished;
    const joined = await joinExecution(target, candidate, context);
    if (!joined && candidate.criteria.some(({ by }) => by === 'tag-key')) isExpected = true;
  }
  await context.state.write({ put: appliedKey(nodeId), body: { at: context.clock.now() } });
  return isExpected ? 'expected' : 'done';
}

/** The associations that may be the node's, and those that it has. */
async function candidatesOf(
  { node }: NodeAsTarget,
  rows: readonly Row<NodeAssociationItem>[],
  context: Context,
): Promise<Candidate<AssociationItem>[]> {
  const found = await findAssociations(node, context.state);
  const known = new Set(found.map(({ associationId }) => associationId));
  const others = rows.map(({ body }) => body.associationId).filter((id) => !known.has(id));
  return withCriteria([...found, ...(await readAssociations(context.state, others))], context);
}
