/** Gives an execution to nodes: the rows that make it theirs, and the messages that wake them. */
import type { Context } from '../../../core/context.ts';
import type { Row, Write } from '../../../core/state.ts';
import type { ResolvedDocument } from '../../change-management/documents/index.ts';
import { adminsOnlyReason, associationChange, mayRunOn, type Node } from '../../nodes/index.ts';
import type { Candidate } from './candidates.ts';
import { effectiveInventory, inventoryDocument } from './effective-inventory.ts';
import { nodeAssociationChanged } from './events.ts';
import { deleteRefreshMessage, refreshMessage } from './refresh-message.ts';
import { addTo, isStuck, isTerminal, type NodeState, type Tally } from './states.ts';
import { nodeAssociationKey, type AssociationItem, type ExecutionItem, type NodeAssociationItem } from './store.ts';

/** What one node's part in it comes to. */
export interface HandedOver {
  /** At most four rows, the node's own first. */
  readonly writes: readonly Write[];
  /** How it stands with the node: over at once where the node is not to run it. */
  readonly state: NodeState;
  readonly holds: boolean;
  /** There is a message for the node. */
  readonly wakes: boolean;
}

export interface Handing {
  readonly association: AssociationItem;
  readonly execution: Pick<ExecutionItem, 'executionId'>;
  readonly document: ResolvedDocument;
  /** All inventory associations; needed only for one of them. */
  readonly inventories: readonly Candidate[];
}

/** @param row what the node has of the association so far; undefined when it has been given this execution before */
export function handOver(
  handing: Handing,
  node: Node,
  row: Row<NodeAssociationItem> | undefined,
  context: Context,
): HandedOver | undefined {
  const { association, execution, document } = handing;
  const before = row?.body;
  if (before?.executionId === execution.executionId) return undefined;
  const now = context.clock.now();
  const when = row === undefined ? ({ row: 'absent' } as const) : { version: row.version };
  const key = nodeAssociationKey(node.id, association.associationId);
  const verdict = verdictOn(handing, node);
  // One that is away must not hold up the rest until it is back.
  const holds = verdict === undefined && node.pingStatus === 'Online';
  if (verdict === undefined && before?.state === 'InProgress' && !isStuck(before, now)) {
    // The node is at it: a node does not run one association twice at once, and this run counts for both.
    const after = { ...before, executionId: execution.executionId, holds };
    return { writes: [{ put: key, body: after, when }], state: 'InProgress', holds, wakes: false };
  }
  const item: NodeAssociationItem = {
    associationId: association.associationId,
    nodeId: node.id,
    executionId: execution.executionId,
    associationVersion: association.associationVersion,
    documentName: association.documentName,
    documentVersion: document.documentVersion,
    jobId: context.ids.uuid(),
    state: verdict?.state ?? 'Pending',
    detail: verdict?.detail,
    executionDate: before?.executionDate,
    since: now,
    holds,
    ends: verdict === undefined ? 0 : 1,
  };
  const events =
    before?.state === item.state && before.detail === item.detail
      ? []
      : [nodeAssociationChanged(association, item, context)];
  const writes: Write[] = [
    { put: key, body: item, when, events },
    ...associationChange(node.id, { from: before?.state, to: item.state }),
  ];
  if (before?.state === 'Pending') writes.push(deleteRefreshMessage(before));
  if (verdict === undefined) writes.push(refreshMessage(item));
  return { writes, state: item.state, holds, wakes: verdict === undefined };
}

/** Counts what nodes were given into an execution's counters. */
export function countIn(
  counters: Pick<ExecutionItem, 'started' | 'finished' | 'held' | 'tally'>,
  handed: readonly HandedOver[],
): { started: number; finished: number; held: number; tally: Tally } {
  let { started, finished, held, tally } = counters;
  for (const { state, holds } of handed) {
    started++;
    if (holds) held++;
    if (!isTerminal(state)) continue;
    finished++;
    tally = addTo(tally, state, 1);
  }
  return { started, finished, held, tally };
}

/** Why a node is not to run it, if so. */
function verdictOn(
  { association, document, inventories }: Handing,
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
