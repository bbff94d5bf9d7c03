/**
 * Takes an execution on: counts what nodes have reported, gives it to the next nodes, and tells how the
 * association stands. One transaction a round, conditional on the execution's version, so that however many
 * call it at once the counters are right and no node is given it twice.
 */
import type { Context } from '../../../core/context.ts';
import { InvalidDocument, InvalidDocumentVersion } from '../../../core/errors.ts';
import { retryOnConflict } from '../../../core/retry-on-conflict.ts';
import type { Row } from '../../../core/state.ts';
import { finishTimer, type TimerHandler } from '../../../core/timers.ts';
import { resolveDocument, type ResolvedDocument } from '../../change-management/documents/index.ts';
import { getNodes, resolveTargets } from '../../nodes/index.ts';
import { readCandidates } from './candidates.ts';
import { inventoryDocument } from './effective-inventory.ts';
import { associationChanged } from './events.ts';
import { countIn, handOver, type HandedOver } from './hand-over.ts';
import { limitsOf, needsCount } from './rate.ts';
import { addTo, aggregatedCount, isError, overviewOf, type NodeState, type Tally } from './states.ts';
import {
  associationKey,
  deleteRow,
  executionKey,
  newsPartition,
  nodeAssociationKey,
  readAssociation,
  readExecution,
  shards,
  type AssociationItem,
  type ExecutionItem,
  type NewsItem,
  type NodeAssociationItem,
} from './store.ts';
import { progressTimer, type ProgressPayload } from './timers.ts';

/** Per round, so that news, execution, association and four rows a node fit a transaction of 100. */
const newsPerRound = 38;
const nodesPerRound = 15;
const countedAtOnce = 500;

/** The timer's handler: it comes again until the execution is over or another has taken its place. */
export const handleProgress: TimerHandler<ProgressPayload> = async (timer, context) => {
  await progressExecution(timer.key, timer.payload.executionId, context);
  const execution = (await readExecution(context.state, timer.key, timer.payload.executionId))?.body;
  const association = (await readAssociation(context.state, timer.key))?.body;
  if (execution === undefined || association?.executionId !== execution.executionId || isOver(execution)) return;
  await context.state.transact([finishTimer(timer), progressTimer(execution, context)]);
};

/** Takes it on at once, in the background; the timer makes good what is lost with the process. */
export function nudge(associationId: string, executionId: string, context: Context): void {
  context.background.run(`association ${executionId}`, context.log, () =>
    progressExecution(associationId, executionId, context),
  );
}

/** Rounds until nothing is left to do now. */
export async function progressExecution(associationId: string, executionId: string, context: Context): Promise<void> {
  while (await retryOnConflict(() => round(associationId, executionId, context))) {
    // Each round is a transaction of its own.
  }
}

export function isOver({ spread, started, finished }: ExecutionItem): boolean {
  return spread && finished >= started;
}

/** @returns whether another round may find more to do */
async function round(associationId: string, executionId: string, context: Context): Promise<boolean> {
  const [association, row] = await Promise.all([
    readAssociation(context.state, associationId),
    readExecution(context.state, associationId, executionId),
  ]);
  if (association?.body.executionId !== executionId || row === undefined) return false;
  const news = await readNews(executionId, context);
  const counted = countNews(
    row.body,
    news.map(({ body }) => body),
  );
  const step = counted.spread ? nothing(counted) : await nextNodes(association.body, counted, context);
  const execution = { ...step.execution, status: overviewOf(step.execution) };
  if (news.length === 0 && step.handed.length === 0 && sameCourse(row.body, execution)) return false;
  const changed = stand(association.body, execution, context);
  await context.state.transact([
    { update: executionKey(associationId, executionId), set: execution, when: { version: row.version } },
    {
      update: associationKey(associationId),
      set: changed,
      when: { equals: { executionId } },
      events: sameStand(association.body, changed)
        ? []
        : [associationChanged({ ...association.body, ...changed }, context)],
    },
    ...news.map(deleteRow),
    ...step.handed.flatMap(({ writes }) => writes),
  ]);
  for (const nodeId of step.woken) context.mailbox.wake(nodeId);
  return news.length === newsPerRound || !execution.spread;
}

async function readNews(executionId: string, context: Context): Promise<Row<NewsItem>[]> {
  const news: Row<NewsItem>[] = [];
  for (let shard = 0; shard < shards && news.length < newsPerRound; shard++) {
    const page = await context.state.query<NewsItem>({
      pk: newsPartition(executionId, shard),
      limit: newsPerRound - news.length,
    });
    news.push(...page.rows);
  }
  return news;
}

function countNews(execution: ExecutionItem, news: readonly NewsItem[]): ExecutionItem {
  let { started, finished, held, tally } = execution;
  const add = (state: NodeState, count: number): Tally => (tally = addTo(tally, state, count));
  for (const { joined, from, to, holds } of news) {
    if (joined) started++;
    if (joined && holds) held++;
    if (to === undefined) continue;
    if (from === undefined) {
      finished++;
      if (holds) held--;
    } else add(from, -1);
    add(to, 1);
  }
  return { ...execution, started, finished, held, tally };
}

interface Step {
  readonly execution: ExecutionItem;
  readonly handed: readonly HandedOver[];
  readonly woken: readonly string[];
}

function nothing(execution: ExecutionItem): Step {
  return { execution, handed: [], woken: [] };
}

async function nextNodes(association: AssociationItem, execution: ExecutionItem, context: Context): Promise<Step> {
  const document = await documentOf(association, context);
  if (typeof document === 'string') return nothing({ ...execution, spread: true, problem: document });
  const targetCount =
    execution.targetCount ?? (needsCount(association) ? await countTargets(association, context) : undefined);
  const limits = limitsOf(association, targetCount ?? 0);
  const errors = Object.entries(execution.tally).reduce(
    (sum, [state, count]) => sum + (isError(state as NodeState) ? count : 0),
    0,
  );
  if (errors > limits.errors) return nothing({ ...execution, targetCount, spread: true, stopped: true });
  const limit = Math.min(nodesPerRound, limits.concurrency - execution.held);
  if (limit <= 0) return nothing({ ...execution, targetCount });

  const found = await resolveTargets(context, association.targets, { after: execution.after, limit });
  const nodes = await getNodes(context, found.nodeIds);
  const rows = new Map(
    (
      await context.state.getMany<NodeAssociationItem>(
        nodes.map(({ id }) => nodeAssociationKey(id, association.associationId)),
      )
    ).map((row) => [row.body.nodeId, row]),
  );
  const inventories =
    association.documentName === inventoryDocument ? await readCandidates(context, inventoryDocument) : [];
  const handed: HandedOver[] = [];
  const woken: string[] = [];
  for (const node of nodes) {
    const one = handOver({ association, execution, document, inventories }, node, rows.get(node.id), context);
    if (one !== undefined) handed.push(one);
    if (one?.wakes) woken.push(node.id);
  }
  return {
    execution: {
      ...execution,
      targetCount,
      ...countIn(execution, handed),
      after: found.nodeIds.at(-1) ?? execution.after,
      spread: found.next === undefined,
    },
    handed,
    woken,
  };
}

/** The document, or why there is none. */
async function documentOf(
  { documentName, documentVersion }: AssociationItem,
  context: Context,
): Promise<ResolvedDocument | string> {
  try {
    return await resolveDocument(context, documentName, documentVersion);
  } catch (error) {
    if (error instanceof InvalidDocument || error instanceof InvalidDocumentVersion) return error.message;
    throw error;
  }
}

async function countTargets({ targets }: AssociationItem, context: Context): Promise<number> {
  let count = 0;
  let after: string | undefined;
  do {
    const page = await resolveTargets(context, targets, { after, limit: countedAtOnce });
    count += page.nodeIds.length;
    after = page.next;
  } while (after !== undefined);
  return count;
}

function sameCourse(before: ExecutionItem, after: ExecutionItem): boolean {
  return before.spread === after.spread && before.after === after.after && before.targetCount === after.targetCount;
}

type Stand = Pick<AssociationItem, 'status' | 'detailedStatus' | 'counts' | 'lastSuccessAt'>;

/** How the association stands with this execution. */
function stand(association: AssociationItem, execution: ExecutionItem, context: Context): Stand {
  const { status } = execution;
  const detailedStatus = status === 'Pending' && execution.started > 0 ? 'InProgress' : status;
  const succeeded = status === 'Success' && association.status !== 'Success';
  return {
    status,
    detailedStatus,
    counts: aggregatedCount(execution),
    lastSuccessAt: succeeded ? context.clock.now() : association.lastSuccessAt,
  };
}

function sameStand(association: AssociationItem, { status, detailedStatus }: Stand): boolean {
  return association.status === status && association.detailedStatus === detailedStatus;
}
