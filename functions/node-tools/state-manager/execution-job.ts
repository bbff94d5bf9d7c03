/** An execution as a job of the fan-out engine: it goes through the targets once, in the order of their ids. */
import type { Context } from '../../../core/context.ts';
import { unfinished, type TimerHandler } from '../../../core/timers.ts';
import {
  lookAfter,
  nudgeJob,
  progressJob,
  spreadJob,
  type BegunTargets,
  type EndUnstarted,
  type FoundTargets,
  type JobChange,
  type JobKind,
  type Judgement,
} from '../../fan-out/index.ts';
import { resolveTargets } from '../../nodes/index.ts';
import { deltaPrefix, jobIdOf, jobKey } from './execution-deltas.ts';
import { associationChanged } from './events.ts';
import { prepareRun } from './start-on-node.ts';
import { startNodes } from './start-nodes.ts';
import { aggregatedCount, isError, overviewOf, type NodeState } from './states.ts';
import { associationKey, executionShape, readAssociation, type AssociationItem, type ExecutionItem } from './store.ts';
import { withCriteria } from './target-entries.ts';

const minutes = 60_000;
/** Targets counted at once, where a percentage needs their number. */
const countedAtOnce = 500;

export const executionKind: JobKind<ExecutionItem> = {
  shape: executionShape,
  timerKind: 'progress-association',
  deltaPrefix,
  alarmPrefix: 'ASSOCIATION-ALARMS',
  jobKey,
  rampUp: false,
  onePass: true,
  // A node that comes to match joins an execution that was over, and one may run it once more by itself.
  reopens: true,
  longestPause: 5 * minutes,
  // The transaction of a round also has the execution, the association and two rows of the timer.
  perRound: { deltas: 90, targets: 75 },

  isError: (state) => isError(state as NodeState),

  /** Counts the targets; they are found once more as they are started. */
  async findTargets(execution: ExecutionItem, context: Context): Promise<FoundTargets> {
    const association = (await readAssociation(context.state, execution.associationId))?.body;
    if (association?.executionId !== execution.executionId) return { targets: [] };
    const { nodeIds, next } = await resolveTargets(context, association.targets, {
      after: execution.spreadAfter,
      limit: countedAtOnce,
    });
    return { targets: nodeIds.map((id) => ({ id, writes: [] })), ...(next === undefined ? {} : { next }) };
  },

  /** Each node has a transaction of its own, with a counter delta: here nothing is left to write but the cursor. */
  async beginTargets(
    execution: ExecutionItem,
    { limit, end }: { readonly limit: number; readonly end: EndUnstarted | undefined },
    context: Context,
  ): Promise<BegunTargets<ExecutionItem>> {
    const nothingMore = { begun: [], exhausted: true };
    const association = (await readAssociation(context.state, execution.associationId))?.body;
    if (end !== undefined || association?.executionId !== execution.executionId) return nothingMore;
    const [candidate] = await withCriteria([association], context);
    const run = candidate === undefined ? '' : await prepareRun(candidate, execution, context);
    if (typeof run === 'string') return { ...nothingMore, set: { problem: run } };
    const after = execution.startedAfter?.nodeId;
    const { nodeIds } = await resolveTargets(context, association.targets, { after, limit });
    // Not before a round that found none: then those of the round before are counted.
    if (nodeIds.length === 0) return nothingMore;
    const startedAfter = await startNodes(run, nodeIds, context);
    return { begun: [], ...(startedAfter === undefined ? {} : { startedAfter: { nodeId: startedAfter } }) };
  },

  async judge({ after, over }: JobChange<ExecutionItem>, context: Context): Promise<Judgement<ExecutionItem>> {
    const status = overviewOf({ ...after, over });
    const association = (await readAssociation(context.state, after.associationId))?.body;
    if (association?.executionId !== after.executionId) return { set: { status } };
    const changed = summaryOf(association, { ...after, status }, context);
    if (Object.entries(changed).every(([name, value]) => isSame(association[name as keyof AssociationItem], value)))
      return { set: { status } };
    const hasNewStatus = association.status !== changed.status || association.detailedStatus !== changed.detailedStatus;
    return {
      set: { status },
      writes: [
        {
          update: associationKey(after.associationId),
          set: changed,
          when: { equals: { executionId: after.executionId } },
          events: hasNewStatus ? [associationChanged({ ...association, ...changed }, context)] : [],
        },
      ],
    };
  },

  // Nobody cancels an execution: a later one takes its place.
  whenCancelled: () => ({}),
  sweepTargets: async () => undefined,
};

/** The handler of the look-after timer. */
export const handleLook: TimerHandler = lookAfter(executionKind);

/** Takes an execution on in the background; if the process ends first, its timer does the same. */
export function nudgeExecution(
  execution: Pick<ExecutionItem, 'associationId' | 'executionId'>,
  context: Context,
): void {
  nudgeJob(executionKind, jobIdOf(execution), context);
}

/**
 * Takes an execution on: counts its targets where that is needed, starts it on them, counts what they report.
 * @returns `unfinished` where the deadline came first
 */
export async function progressExecution(
  execution: Pick<ExecutionItem, 'associationId' | 'executionId'>,
  context: Context,
): Promise<'idle' | typeof unfinished> {
  const jobId = jobIdOf(execution);
  if ((await spreadJob(executionKind, jobId, context)) === 'unfinished') return unfinished;
  return (await progressJob(executionKind, jobId, context)) === 'unfinished' ? unfinished : 'idle';
}

/** Begins an execution in the background. */
export function beginInBackground(
  execution: Pick<ExecutionItem, 'associationId' | 'executionId'>,
  context: Context,
): void {
  context.background.run(`begin ${jobIdOf(execution)}`, context.log, async () => {
    await progressExecution(execution, context);
  });
}

/** What the association says of its execution. */
function summaryOf(
  association: AssociationItem,
  execution: ExecutionItem,
  context: Context,
): Pick<AssociationItem, 'status' | 'detailedStatus' | 'counts' | 'lastSuccessAt'> {
  const { status } = execution;
  const detailedStatus = status === 'Pending' && execution.started > 0 ? 'InProgress' : status;
  const succeeded = status === 'Success' && association.status !== 'Success';
  return {
    status,
    detailedStatus,
    counts: aggregatedCount(execution),
    ...(succeeded ? { lastSuccessAt: context.clock.now() } : {}),
  };
}

function isSame(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}
