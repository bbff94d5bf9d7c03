/** The end of a job before its time: asked for by a person or by an alarm. */
import type { AlarmStateInformation } from '@aws-sdk/client-ssm';
import type { Context } from '../../core/context.ts';
import { isOver } from '../../core/deadline.ts';
import { manyAtOnce } from '../../core/many-at-once.ts';
import { retryOnConflict } from '../../core/retry-on-conflict.ts';
import type { Row } from '../../core/state.ts';
import { triggeredAlarms } from '../alarms/index.ts';
import type { JobBody } from './job.ts';
import type { JobKind } from './kind.ts';
import { moveLook } from './look-timer.ts';
import { nudgeJob } from './progress.ts';
import { alarmPartition, readJob, updateJob } from './store.ts';

/**
 * Asks for a job's end: nothing more starts from here on. Its timer, which falls due at once, cancels what runs.
 * @param triggered the alarms that ask for it; empty: a person
 * @returns the job, as it was; undefined where there is none, it is over, or somebody has asked before
 */
export async function cancelJob<Job extends JobBody>(
  kind: JobKind<Job>,
  jobId: string,
  context: Context,
  triggered: readonly AlarmStateInformation[] = [],
): Promise<Job | undefined> {
  return retryOnConflict(async () => {
    const row = await readJob(kind, jobId, context.state);
    return row !== undefined && (await requestCancel(kind, jobId, row, context, triggered)) ? row.body : undefined;
  }, context);
}

/**
 * @returns false where the job is over, or somebody has asked before
 * @throws ConditionFailed where the job has changed since it was read
 */
export async function requestCancel<Job extends JobBody>(
  kind: JobKind<Job>,
  jobId: string,
  { body: job, version }: Row<Job>,
  context: Context,
  triggered: readonly AlarmStateInformation[],
): Promise<boolean> {
  if (job.phase === 'done' || job.cancelRequested) return false;
  const look = moveLook(kind, jobId, job, context.clock.now());
  const set: Partial<Job> = {
    cancelRequested: true,
    ...kind.whenCancelled(job),
    ...(triggered.length === 0 ? {} : { triggeredAlarms: triggered }),
    ...look.set,
  };
  await context.state.transact([updateJob(kind, jobId, version, set), ...look.writes]);
  return true;
}

/**
 * A job that names an alarm asks for its state before each wave, and ends when it is ALARM (run-command.md §4.9).
 * @returns whether the job has just been stopped
 * @throws ConditionFailed where the job has changed since it was read
 */
export async function stopIfAlarmed<Job extends JobBody>(
  kind: JobKind<Job>,
  jobId: string,
  row: Row<Job>,
  context: Context,
): Promise<boolean> {
  const { alarmConfiguration, cancelRequested, phase } = row.body;
  if (alarmConfiguration === undefined || cancelRequested || phase === 'done') return false;
  const triggered = await triggeredAlarms(alarmConfiguration, context);
  return triggered.length > 0 && requestCancel(kind, jobId, row, context, triggered);
}

/** Jobs at once. */
const atOnce = 8;

/**
 * Stops the jobs of a kind that name an alarm: call it on `CloudWatch Alarm State Change` to ALARM.
 * @throws Error at the deadline: the event is delivered again, and passes quickly over what is stopped by then
 */
export async function stopJobsOfAlarm<Job extends JobBody>(
  kind: JobKind<Job>,
  alarm: string,
  context: Context,
): Promise<void> {
  let after: string | undefined;
  do {
    const page = await context.state.query({ pk: alarmPartition(kind, alarm), limit: 100, after });
    await manyAtOnce(page.rows, atOnce, async ({ sk: jobId }) => {
      const stopped = await cancelJob(kind, jobId, context, [{ Name: alarm, State: 'ALARM' }]);
      if (stopped !== undefined) nudgeJob(kind, jobId, context);
    });
    after = page.next;
    if (after !== undefined && isOver(context)) throw new Error(`what names the alarm ${alarm} is not all stopped yet`);
  } while (after !== undefined);
}
