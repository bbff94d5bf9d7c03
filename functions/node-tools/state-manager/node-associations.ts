/** What the associations of one node are, as its targets and tags are now. */
import type { Context } from '../../../core/context.ts';
import { InvalidDocument, InvalidDocumentVersion } from '../../../core/errors.ts';
import { retryOnConflict } from '../../../core/retry-on-conflict.ts';
import type { Row, Write } from '../../../core/state.ts';
import { resolveDocument } from '../../change-management/documents/index.ts';
import { associationChange, forgetAssociations, getNode, type Node } from '../../nodes/index.ts';
import { readCandidates, type Candidate } from './candidates.ts';
import { inventoryDocument, isOf } from './effective-inventory.ts';
import { handOver } from './hand-over.ts';
import { nudge } from './progress-execution.ts';
import { deleteRefreshMessage } from './refresh-message.ts';
import { recordStatus } from './record-status.ts';
import { isStuck, isTerminal } from './states.ts';
import {
  associationKey,
  nodeAssociationKey,
  putNews,
  readAssociation,
  readExecution,
  readNodeAssociations,
  type AssociationItem,
  type ExecutionItem,
  type NodeAssociationItem,
} from './store.ts';
import { progressTimer } from './timers.ts';

/**
 * Brings a node's associations up to its targets and tags: what it has come to match it is given at once,
 * what it matches no more it loses, and a run
 * that was cut off is over.
 */
export async function bringUpToDate(nodeId: string, context: Context): Promise<void> {
  const node = await getNode(context, nodeId);
  if (node === undefined) return;
  const [candidates, rows] = await Promise.all([readCandidates(context), readNodeAssociations(context.state, nodeId)]);
  const wanted = candidates.filter((association) => isOf(association, node));
  const present = new Set(rows.map((row) => row.body.associationId));
  for (const row of rows) {
    if (!wanted.some(({ associationId }) => associationId === row.body.associationId)) await forget(row, context);
    else if (isStuck(row.body, context.clock.now())) await giveUp(row.body, context);
  }
  for (const { associationId } of wanted)
    if (!present.has(associationId)) await retryOnConflict(() => join(node, associationId, candidates, context));
}

/** A node that is gone has no associations; its part in what runs is over. */
export async function forgetNode(nodeId: string, context: Context): Promise<void> {
  for (const row of await readNodeAssociations(context.state, nodeId)) await forget(row, context);
  // The count of them went with the node, and has been counted on by now.
  await context.state.write(forgetAssociations(nodeId));
}

async function join(
  node: Node,
  associationId: string,
  candidates: readonly Candidate[],
  context: Context,
): Promise<void> {
  const association = (await readAssociation(context.state, associationId))?.body;
  const execution =
    association === undefined
      ? undefined
      : (await readExecution(context.state, associationId, association.executionId))?.body;
  if (association === undefined || execution === undefined || !hasPassed(execution, node.id)) return;
  const inventories = candidates.filter(({ documentName }) => documentName === inventoryDocument);
  const document = await documentOf(association, context);
  const row = await context.state.get<NodeAssociationItem>(nodeAssociationKey(node.id, associationId));
  const handed =
    document === undefined || row !== undefined
      ? undefined
      : handOver({ association, execution, document, inventories }, node, row, context);
  if (handed === undefined) return;
  const to = isTerminal(handed.state) ? handed.state : undefined;
  const writes: Write[] = [
    ...handed.writes,
    putNews(
      execution.executionId,
      { nodeId: node.id, joined: true, to, holds: handed.holds },
      'joined',
      context.clock.now(),
    ),
    progressTimer(execution, context),
  ];
  await context.state.transact([
    { check: associationKey(associationId), when: { equals: { executionId: execution.executionId } } },
    ...writes,
  ]);
  if (handed.wakes) context.mailbox.wake(node.id);
  nudge(associationId, execution.executionId, context);
}

/** Whether the execution comes by the node no more: until then, it is the execution that gives itself to it. */
function hasPassed({ spread, stopped, after }: ExecutionItem, nodeId: string): boolean {
  return (spread && !stopped) || (after !== undefined && nodeId <= after);
}

async function documentOf({ documentName, documentVersion }: AssociationItem, context: Context) {
  try {
    return await resolveDocument(context, documentName, documentVersion);
  } catch (error) {
    if (error instanceof InvalidDocument || error instanceof InvalidDocumentVersion) return undefined;
    throw error;
  }
}

/** A run that was cut off with its agent will not be heard of again. */
async function giveUp({ associationId, nodeId }: NodeAssociationItem, context: Context): Promise<void> {
  await recordStatus(
    {
      AssociationId: associationId,
      InstanceId: nodeId,
      state: 'Failed',
      ExecutionResult: {
        Status: 'Failed',
        ErrorCode: 'StuckAtInProgress',
        ExecutionSummary: 'Nothing has been heard of the run for two hours.',
      },
    },
    context,
  );
}

/** Takes an association off a node. Its execution counts the node as skipped, where it had not ended. */
async function forget(row: Row<NodeAssociationItem>, context: Context): Promise<void> {
  const { nodeId, associationId, executionId, state, holds, ends } = row.body;
  const news = isTerminal(state)
    ? []
    : [putNews(executionId, { nodeId, to: 'Skipped', holds }, ends, context.clock.now())];
  const writes: Write[] = [
    { delete: nodeAssociationKey(nodeId, associationId), when: { version: row.version } },
    deleteRefreshMessage(row.body),
    ...associationChange(nodeId, { from: state }),
    ...news,
  ];
  await retryOnConflict(async () => {
    const current = await context.state.get(nodeAssociationKey(nodeId, associationId));
    if (current?.version === row.version) await context.state.transact(writes);
  });
  nudge(associationId, executionId, context);
}
