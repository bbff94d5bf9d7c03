/** Begins an execution of an association: by its schedule, when it is made, or when somebody asks. */
import type { Target } from '@aws-sdk/client-ssm';
import type { Context } from '../../../core/context.ts';
import { retryOnConflict } from '../../../core/retry-on-conflict.ts';
import type { Write } from '../../../core/state.ts';
import { type TimerHandler } from '../../../core/timers.ts';
import { armFirst, closeJob, deltaShardsFor, needsCount } from '../../fan-out/index.ts';
import { inventoryDocument } from './effective-inventory.ts';
import { associationChanged } from './events.ts';
import { jobIdOf } from './execution-deltas.ts';
import { beginInBackground, executionKind } from './execution-job.ts';
import { intervalOf } from './schedule.ts';
import {
  associationKey,
  inventoryKey,
  putExecution,
  readAssociation,
  readExecution,
  type AssociationItem,
  type ExecutionItem,
  type InventoryEntryItem,
} from './store.ts';
import { targetEntriesOf, writeTargetEntries } from './target-entries.ts';
import { cancelRunTimer, runTimer, type RunPayload } from './timers.ts';

/** The timer's handler: a run that is due. Where the association has moved on it does nothing. */
export const handleRun: TimerHandler<RunPayload> = async (timer, context) => {
  await begin(timer.key, context, (association) => association.nextDue === timer.payload.due);
};

/**
 * Runs an association now; the next run by its schedule is one interval later. What an earlier run has not
 * reached it reaches no more.
 * @returns false when there is no such association
 */
export async function runNow(associationId: string, context: Context): Promise<boolean> {
  return (await begin(associationId, context, () => true)) !== 'absent';
}

/** The execution with which an association begins, and the writes that begin it. */
export function newExecution(
  association: Pick<
    AssociationItem,
    'associationId' | 'associationVersion' | 'targets' | 'maxConcurrency' | 'maxErrors'
  >,
  { executionId, run }: Pick<ExecutionItem, 'executionId' | 'run'>,
  context: Context,
): Write[] {
  const { associationId, associationVersion, targets, maxConcurrency, maxErrors } = association;
  const now = context.clock.now();
  const execution: ExecutionItem = {
    associationId,
    executionId,
    associationVersion,
    run,
    status: 'Pending',
    phase: needsCount(maxConcurrency) || needsCount(maxErrors) ? 'spreading' : 'running',
    requestedAt: now,
    maxConcurrency,
    maxErrors,
    targetCount: 0,
    tally: {},
    started: 0,
    acknowledged: 0,
    finished: 0,
    underWay: 0,
    window: 0,
    windowSince: now,
    stopped: false,
    cancelRequested: false,
    deltaShards: deltaShardsFor(mostTargets(targets)),
  };
  const { lookAt, timer } = armFirst(executionKind, jobIdOf(execution), execution, context);
  return [putExecution({ ...execution, lookAt }), timer];
}

/** How many nodes the targets can name; Infinity where only the fleet knows. */
function mostTargets(targets: readonly Target[]): number {
  const entries = targetEntriesOf(targets);
  return entries.every(({ by }) => by === 'id') ? entries.length : Infinity;
}

/**
 * The writes that end an execution whose place another one takes: what it has not reached it reaches no more. Nodes
 * that are still at it report, and nobody counts it.
 */
export async function closeExecution(
  { associationId, executionId }: Pick<AssociationItem, 'associationId' | 'executionId'>,
  context: Context,
): Promise<Write[]> {
  const row = await readExecution(context.state, associationId, executionId);
  return row === undefined ? [] : closeJob(executionKind, jobIdOf(row.body), row);
}

/** The entry of an inventory association among its kind: a node has one, so each must know the others. */
export function inventoryEntry({
  associationId,
  documentName,
  targets,
  byAdmin,
}: Pick<AssociationItem, 'associationId' | 'documentName' | 'targets' | 'byAdmin'>): Write[] {
  return documentName === inventoryDocument
    ? [{ put: inventoryKey(associationId), body: { targets, byAdmin } satisfies InventoryEntryItem }]
    : [];
}

async function begin(
  associationId: string,
  context: Context,
  wanted: (association: AssociationItem) => boolean,
): Promise<'begun' | 'absent' | 'declined'> {
  const executionId = context.ids.uuid();
  const outcome = await retryOnConflict(async () => {
    const row = await readAssociation(context.state, associationId);
    if (row === undefined) return 'absent';
    const association = row.body;
    if (!wanted(association)) return 'declined';
    const now = context.clock.now();
    const interval = intervalOf(association.scheduleExpression);
    const nextDue = interval === undefined ? undefined : now + interval;
    const run = (association.run ?? 0) + 1;
    if (association.hasTargetEntries !== true) await writeTargetEntries(association, context.state);
    const changed = {
      executionId,
      run,
      hasTargetEntries: true,
      nextDue,
      lastExecutionAt: now,
      status: 'Pending',
      detailedStatus: 'Pending',
      counts: {},
    } as const;
    const quiet = association.status === 'Pending' && association.detailedStatus === 'Pending';
    const writes: Write[] = [
      {
        update: associationKey(associationId),
        set: changed,
        when: { version: row.version },
        events: quiet ? [] : [associationChanged({ ...association, ...changed }, context)],
      },
      ...newExecution(association, { executionId, run }, context),
      ...(await closeExecution(association, context)),
    ];
    if (association.hasTargetEntries !== true) writes.push(...inventoryEntry(association));
    if (association.nextDue !== undefined && association.nextDue !== nextDue)
      writes.push(cancelRunTimer(associationId, association.nextDue));
    if (nextDue !== undefined) writes.push(runTimer(associationId, nextDue));
    await context.state.transact(writes);
    return 'begun';
  }, context);
  if (outcome === 'begun') beginInBackground({ associationId, executionId }, context);
  return outcome;
}
