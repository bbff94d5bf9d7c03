/** Starts an execution on one node: the rows that make it the node's, and the message that wakes it. */
import type { Context } from '../../../core/context.ts';
import type { Check, Row, Write } from '../../../core/state.ts';
import type { ResolvedDocument } from '../../change-management/documents/index.ts';
import { adminsOnlyReason, associationChange, mayRunOn, type Node, type NodeAsTarget } from '../../nodes/index.ts';
import { effectiveInventory, inventoryDocument } from './effective-inventory.ts';
import { nodeAssociationChanged } from './events.ts';
import { executionDelta } from './execution-deltas.ts';
import { deleteRefreshMessage, refreshMessage } from './refresh-message.ts';
import { isStuck, isTerminal, type NodeState } from './states.ts';
import { putNodeAssociation, type AssociationItem, type ExecutionItem, type NodeAssociationItem } from './store.ts';
import { readInventories, type Candidate } from './target-entries.ts';
import { documentOf } from './association-document.ts';

/** An execution, with all that is needed to start it on nodes. */
export interface Run extends Candidate<AssociationItem> {
  readonly execution: Pick<ExecutionItem, 'executionId' | 'run' | 'deltaShards'>;
  readonly document: ResolvedDocument;
  /** All inventory associations; empty where the association is none. */
  readonly inventories: readonly Candidate[];
}

/** What one node's part in it comes to: a transaction of the node's own, of at most seven rows. */
export interface Start {
  readonly writes: readonly (Write | Check)[];
  /** There is a message for the node. */
  readonly wakes: boolean;
}

/** @returns the run, or why there is none: the document is gone */
export async function prepareRun(
  { association, criteria }: Candidate<AssociationItem>,
  execution: Run['execution'],
  context: Context,
): Promise<Run | string> {
  const document = await documentOf(association, context);
  if (typeof document === 'string') return document;
  const inventories = association.documentName === inventoryDocument ? await readInventories(context) : [];
  return { association, criteria, execution, document, inventories };
}

/**
 * Nodes' transactions share no row with each other, nor with the execution: its counters have a delta.
 * @param row what the node has of the association so far
 * @returns undefined where this execution, or a later one, was started on the node before
 */
export function startOnNode(
  run: Run,
  { node, unchanged }: NodeAsTarget,
  row: Row<NodeAssociationItem> | undefined,
  context: Context,
): Start | undefined {
  const { association, execution, document } = run;
  const before = row?.body;
  if (before !== undefined && (before.run ?? 0) >= execution.run) return undefined;
  const now = context.clock.now();
  const verdict = verdictOn(run, node);
  // One that is away must not hold up the rest until it is back.
  const isLimited = verdict === undefined && node.pingStatus === 'Online';
  const { executionId, run: number } = execution;
  if (verdict === undefined && before?.state === 'InProgress' && !isStuck(before, now)) {
    // The node runs it now. It does not run one association twice at once, so this run counts for both.
    const after = { ...before, executionId, run: number, isLimited };
    return { writes: [putNodeAssociation(after, row, []), started(after, execution, now), ...unchanged], wakes: false };
  }
  const item: NodeAssociationItem = {
    associationId: association.associationId,
    nodeId: node.id,
    executionId,
    run: number,
    associationVersion: association.associationVersion,
    documentName: association.documentName,
    documentVersion: document.documentVersion,
    documentPin: document.pin,
    documentHash: document.hash,
    documentByAdmin: document.byAdmin,
    collects: document.collects,
    jobId: context.ids.uuid(),
    state: verdict?.state ?? 'Pending',
    detail: verdict?.detail,
    executionDate: before?.executionDate,
    since: now,
    isLimited,
    ends: verdict === undefined ? 0 : 1,
  };
  const events =
    before?.state === item.state && before.detail === item.detail
      ? []
      : [nodeAssociationChanged(association, item, context)];
  const writes: (Write | Check)[] = [
    putNodeAssociation(item, row, events),
    ...associationChange(node.id, { from: before?.state, to: item.state }),
    started(item, execution, now),
    ...unchanged,
  ];
  if (before?.state === 'Pending') writes.push(deleteRefreshMessage(before));
  if (verdict === undefined) writes.push(refreshMessage(item));
  return { writes, wakes: verdict === undefined };
}

/** One more node; over at once where it is not to run it. */
function started(item: NodeAssociationItem, execution: Run['execution'], now: number): Write {
  const { state, isLimited } = item;
  const counted = isTerminal(state)
    ? { started: 1, finished: 1, tally: { [state]: 1 } }
    : { started: 1, underWay: isLimited === true ? 1 : 0 };
  return executionDelta(item, execution, `started-${item.run}-${item.jobId}`, counted, now);
}

/** Why a node is not to run it, if so. */
export function verdictOn(
  { association, document, inventories }: Pick<Run, 'association' | 'document' | 'inventories'>,
  node: Node,
): { readonly state: NodeState; readonly detail: string } | undefined {
  if (node.platformType !== undefined && !(document.platformTypes as readonly string[]).includes(node.platformType))
    return { state: 'Skipped', detail: `The document ${document.name} is not for ${node.platformType}` };
  if (!mayRunOn(node, association, document)) return { state: 'Skipped', detail: `Access denied: ${adminsOnlyReason}` };
  if (association.documentName !== inventoryDocument) return undefined;
  const verdict = effectiveInventory(association.associationId, inventories, node);
  if (verdict.verdict === 'overridden') return { state: 'Skipped', detail: verdict.detail };
  return verdict.verdict === 'conflict' ? { state: 'Failed', detail: verdict.detail } : undefined;
}
