/**
 * Takes a job on: counts what is new, decides what starts next, and ends it when all is over. One transaction a round,
 * conditional on the version of the job's row, so that the counters are right and nothing starts twice however many
 * call it at once.
 */
import type { Context } from '../../core/context.ts';
import { retryOnConflict } from '../../core/retry-on-conflict.ts';
import type { Row, Write } from '../../core/state.ts';
import type { Timer } from '../../core/timers.ts';
import { stopIfAlarmed } from './cancel.ts';
import { addDeltas, isComplete } from './counters.ts';
import type { JobBody } from './job.ts';
import type { JobKind } from './kind.ts';
import { underLease, type Outcome } from './lease.ts';
import { armNext, endLooks, isCurrent, moveLook, nextLook, type LookChange } from './look-timer.ts';
import { nextTargets } from './next-targets.ts';
import { oneStep } from './one-step.ts';
import { deleteDelta, mostDeltaShards, readDeltas, readJob, updateJob } from './store.ts';

/**
 * Takes a job on at once, in the background, after something happened to it. A nudge may be lost when the process ends:
 * then the job's timer does the same.
 */
export function nudgeJob<Job extends JobBody>(kind: JobKind<Job>, jobId: string, context: Context): void {
  context.background.run(`${kind.timerKind} ${jobId}`, context.log, async () => {
    await progressJob(kind, jobId, context);
  });
}

/**
 * Rounds until nothing is left to do now.
 * @param timer the look-after timer that asks: the last round arms the next look in its place
 * @returns `unfinished` where the deadline came first, `taken` where another worker has the lease
 */
export function progressJob<Job extends JobBody>(
  kind: JobKind<Job>,
  jobId: string,
  context: Context,
  timer?: Timer,
): Promise<Outcome | 'taken'> {
  return underLease(
    kind,
    jobId,
    context,
    async (mayGoOn) => {
      for (;;) {
        const outcome = await oneStep(() => round(kind, jobId, context, timer), context);
        if (outcome !== 'more') return outcome;
        if (!mayGoOn()) return 'unfinished';
      }
    },
    () => hasDeltas(kind, jobId, context),
  );
}

async function hasDeltas<Job extends JobBody>(kind: JobKind<Job>, jobId: string, context: Context): Promise<boolean> {
  const job = (await readJob(kind, jobId, context.state))?.body;
  if (job === undefined || !isCounted(job, kind)) return false;
  return (await readDeltas(kind, jobId, job.deltaShards ?? mostDeltaShards, 1, context.state)).length > 0;
}

/** Whether deltas of a job are counted now: before it runs there are none, and at its end all have been. */
function isCounted<Job extends JobBody>({ phase, isClosed }: Job, { reopens }: JobKind<Job>): boolean {
  if (isClosed === true) return false;
  return phase === 'running' || (phase === 'done' && reopens);
}

/** @returns whether another round may find more to do */
async function round<Job extends JobBody>(
  kind: JobKind<Job>,
  jobId: string,
  context: Context,
  timer: Timer | undefined,
): Promise<boolean> {
  const row = await readJob(kind, jobId, context.state);
  if (row === undefined || !isCounted(row.body, kind)) return false;
  const job = row.body;
  if (await stopIfAlarmed(kind, jobId, row, context)) return true;
  const rows = await readDeltas(kind, jobId, job.deltaShards ?? mostDeltaShards, kind.perRound.deltas, context.state);
  const deltas = rows.map(({ body }) => kind.readDelta?.(body) ?? body);
  const now = context.clock.now();
  const counted: Job = { ...job, ...addDeltas(job, deltas) };
  // Where targets are counted by their deltas alone, nothing is decided before all deltas are in.
  const countsFirst = kind.onePass && rows.length === kind.perRound.deltas;
  const step = await nextTargets(kind, counted, context, countsFirst);
  const { after } = step;
  const over = !countsFirst && isComplete(after, kind);
  const judged = await kind.judge(
    { before: job, after, over, hints: new Set(deltas.flatMap(({ hint }) => hint ?? [])) },
    context,
  );
  const set: Partial<Job> = { ...step.set, ...judged.set };
  const phase = over ? 'done' : 'running';
  const idle = rows.length === 0 && step.begun.length === 0 && phase === job.phase;
  if (idle && changesNothing(job, { ...step.course, ...set })) {
    if (phase === 'running') await lookAgain(kind, jobId, context, timer);
    return false;
  }
  // A round that was full left something; one that passed what is over freed places that it had counted as taken.
  const more = !over && (rows.length === kind.perRound.deltas || step.more);
  const moved = step.begun.length > 0 || after.window !== job.window;
  const look = nextLookOf(kind, jobId, { ...after, ...set }, timer, { over, more, wasDone: job.phase === 'done', now });
  const writes: Write[] = [
    ...rows.map(deleteDelta),
    ...step.begun.flatMap((target) => target.writes),
    ...(judged.writes ?? []),
    ...look.writes,
    updateJob(
      kind,
      jobId,
      row.version,
      {
        tally: after.tally,
        acknowledged: after.acknowledged,
        finished: after.finished,
        started: after.started,
        ...(after.underWay === undefined ? {} : { underWay: after.underWay }),
        ...step.course,
        windowSince: moved ? now : job.windowSince,
        ...set,
        phase,
        ...look.set,
      },
      judged.events,
    ),
  ];
  await context.state.transact(writes);
  kind.whenChanged?.(jobId, context);
  for (const { wakes } of step.begun) if (wakes !== undefined) context.mailbox.wake(wakes);
  return more;
}

/** What becomes of the job's timer in a round that writes. */
function nextLookOf<Job extends JobBody>(
  kind: JobKind<Job>,
  jobId: string,
  job: Job,
  timer: Timer | undefined,
  { over, more, wasDone, now }: { over: boolean; more: boolean; wasDone: boolean; now: number },
): LookChange {
  const current = timer !== undefined && isCurrent(timer, job) ? timer : undefined;
  if (wasDone) return over ? unchangedLook : moveLook(kind, jobId, job, nextLook(job, kind, now));
  if (over && !kind.reopens) return endLooks(kind, jobId, job, current);
  if (!over && (more || current === undefined)) return unchangedLook;
  // Of a job that may reopen: a last look finds what came in while it ended.
  const due = over ? now + kind.longestPause : undefined;
  if (current !== undefined) return armNext(kind, jobId, job, current, now, due);
  return moveLook(kind, jobId, job, due ?? now);
}

const unchangedLook: LookChange = { set: {}, writes: [] };

/**
 * The writes that make a job run again for a target that joins it, or ends once more, after its end: put them into the
 * transaction that writes the target's counter delta. None while it runs.
 * @param row the job, as it was just read; where it has changed since, the transaction fails with ConditionFailed
 */
export function reopenJob<Job extends JobBody>(
  kind: JobKind<Job>,
  jobId: string,
  { body: job, version }: Row<Job>,
  context: Context,
): Write[] {
  if (job.phase !== 'done' || job.isClosed === true) return [];
  const look = moveLook(kind, jobId, job, nextLook(job, kind, context.clock.now()));
  return [updateJob(kind, jobId, version, { phase: 'running', ...look.set } as Partial<Job>), ...look.writes];
}

/**
 * The writes that end a job at once, whatever of it is open, with its timer: for one that another has taken the place
 * of. What its targets still report is not counted. None where it was closed before.
 * @param row the job, as it was just read; where it has changed since, the transaction fails with ConditionFailed
 */
export function closeJob<Job extends JobBody>(
  kind: JobKind<Job>,
  jobId: string,
  { body: job, version }: Row<Job>,
  set: Partial<Job> = {},
): Write[] {
  if (job.isClosed === true) return [];
  const look = endLooks(kind, jobId, job, undefined);
  return [updateJob(kind, jobId, version, { ...set, phase: 'done', isClosed: true, ...look.set }), ...look.writes];
}

/** Puts the next look in the place of the timer that fires, where nothing else is to be written. */
export async function lookAgain<Job extends JobBody>(
  kind: JobKind<Job>,
  jobId: string,
  context: Context,
  timer: Timer | undefined,
): Promise<void> {
  if (timer === undefined) return;
  await retryOnConflict(async () => {
    const row = await readJob(kind, jobId, context.state);
    if (row === undefined || row.body.phase === 'done' || !isCurrent(timer, row.body)) return;
    const look = armNext(kind, jobId, row.body, timer, context.clock.now());
    await context.state.transact([updateJob(kind, jobId, row.version, look.set as Partial<Job>), ...look.writes]);
  }, context);
}

/** Whether a change would write only what the row has already. */
function changesNothing(job: object, set: object): boolean {
  const present = job as Readonly<Record<string, unknown>>;
  return Object.entries(set).every(
    ([name, value]) => present[name] === value || JSON.stringify(present[name]) === JSON.stringify(value),
  );
}
