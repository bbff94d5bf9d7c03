/** Begins an execution of an association: by its schedule, when it is made, or when somebody asks. */
import type { Context } from '../../../core/context.ts';
import { retryOnConflict } from '../../../core/retry-on-conflict.ts';
import type { Write } from '../../../core/state.ts';
import { finishTimer, type TimerHandler } from '../../../core/timers.ts';
import { associationChanged } from './events.ts';
import { nudge } from './progress-execution.ts';
import { intervalOf } from './schedule.ts';
import { associationKey, putExecution, readAssociation, type AssociationItem, type ExecutionItem } from './store.ts';
import { cancelRunTimer, progressTimer, runTimer, type RunPayload } from './timers.ts';

/** The timer's handler: a run that is due. One that the association has moved on from is none. */
export const handleRun: TimerHandler<RunPayload> = async (timer, context) => {
  const begun = await begin(timer.key, context, (association) => association.nextDue === timer.payload.due);
  if (begun === 'absent' || begun === 'declined') await context.state.write(finishTimer(timer));
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
  association: Pick<AssociationItem, 'associationId' | 'associationVersion'>,
  executionId: string,
  context: Context,
): { readonly execution: ExecutionItem; readonly writes: readonly Write[] } {
  const { associationId, associationVersion } = association;
  const execution: ExecutionItem = {
    associationId,
    executionId,
    associationVersion,
    createdAt: context.clock.now(),
    spread: false,
    stopped: false,
    started: 0,
    finished: 0,
    held: 0,
    tally: {},
    status: 'Pending',
  };
  return { execution, writes: [putExecution(execution), progressTimer(execution, context)] };
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
    const changed = {
      executionId,
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
      ...newExecution(association, executionId, context).writes,
    ];
    if (association.nextDue !== undefined && association.nextDue !== nextDue)
      writes.push(cancelRunTimer(associationId, association.nextDue));
    if (nextDue !== undefined) writes.push(runTimer(associationId, nextDue));
    await context.state.transact(writes);
    return 'begun';
  });
  if (outcome === 'begun') nudge(associationId, executionId, context);
  return outcome;
}
