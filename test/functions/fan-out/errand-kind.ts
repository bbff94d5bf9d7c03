/** A kind of job for the engine's own tests: errands for people, who start them, finish them, and come and go. */
import type { Context } from '../../../core/context.ts';
import { retryOnConflict } from '../../../core/retry-on-conflict.ts';
import { ConditionFailed, type Key, type Row, type Write } from '../../../core/state.ts';
import {
  alarmRows,
  armFirst,
  counterDelta,
  deltaShardsFor,
  nudgeJob,
  readJob,
  reopenJob,
  type BegunTarget,
  type JobBody,
  type JobKind,
} from '../../../functions/fan-out/index.ts';

export interface ErrandBody extends JobBody {
  readonly state: 'Pending' | 'InProgress' | 'Cancelling' | 'Done';
  /** How often it came to its end. */
  readonly ends: number;
}

export interface PersonBody {
  readonly personId: string;
  readonly state: 'Pending' | 'Started' | 'Success' | 'Failed' | 'Cancelled' | 'Stopped' | 'TimedOut';
  readonly acknowledged: boolean;
  /** How often it was started, and how often it ended: never more than once. */
  readonly starts: number;
  readonly ends: number;
  /** Ends after the first: of a kind that reopens. */
  readonly again: number;
}

export const isOpen = ({ state }: PersonBody): boolean => state === 'Pending' || state === 'Started';

export const personKey = (jobId: string, personId: string): Key => ({ pk: `PERSON#${jobId}`, sk: personId });

export interface Shape {
  readonly onePass: boolean;
  readonly rampUp: boolean;
}

/** @param people who there are now, in their order: the test's own */
export function errandKind({ onePass, rampUp }: Shape, people: () => readonly string[], batch: number): ErrandKind {
  const kind: JobKind<ErrandBody> = {
    timerKind: 'look-after-errand',
    deltaPrefix: 'ERRAND-DELTA',
    alarmPrefix: 'ERRANDS-OF-ALARM',
    jobKey: (jobId) => ({ pk: `ERRAND#${jobId}`, sk: 'ERRAND' }),
    rampUp,
    onePass,
    reopens: onePass,
    longestPause: 60_000,
    perRound: { deltas: 40, targets: 25 },
    isError: (state) => state === 'Failed',
    findTargets: async (job, context) => {
      const found = following(people(), job.spreadAfter, batch);
      return {
        targets: found.ids.map((id) => ({ id, writes: onePass ? [] : [newPerson(jobIdOf(job), id, context)] })),
        next: found.next,
      };
    },
    beginTargets: async (job, { limit, end }, context) => {
      const jobId = jobIdOf(job);
      const after = (job.startedAfter as { readonly id: string } | undefined)?.id;
      if (!onePass) {
        const page = await context.state.query<PersonBody>({
          pk: personKey(jobId, '').pk,
          ...(after === undefined ? {} : { from: `${after}\0` }),
          limit,
        });
        const begun = page.rows.map(({ body, version }): BegunTarget => {
          const key = personKey(jobId, body.personId);
          if (!isOpen(body)) return { writes: [], over: true };
          const state = end === undefined ? undefined : end === 'cancelled' ? 'Cancelled' : 'Stopped';
          const write: Write =
            state === undefined
              ? { update: key, set: { state: 'Started' }, add: { starts: 1 }, when: { version } }
              : { update: key, set: { state }, add: { ends: 1 }, when: { version } };
          return { writes: [write], over: state !== undefined, state };
        });
        const last = page.rows.at(-1);
        return { begun, ...(last === undefined ? {} : { startedAfter: { id: last.body.personId } }) };
      }
      if (end !== undefined) return { begun: [], exhausted: true };
      const found = following(people(), after, limit);
      const present = new Set(
        (found.ids.length === 0
          ? []
          : await context.state.getMany<PersonBody>(found.ids.map((id) => personKey(jobId, id)))
        ).map(({ body }) => body.personId),
      );
      return {
        begun: found.ids
          .filter((id) => !present.has(id))
          .map((id) => ({ writes: [startedPerson(jobId, id)], over: false, underWay: 1 })),
        ...(found.ids.length === 0 ? {} : { startedAfter: { id: found.ids.at(-1)! } }),
        exhausted: found.next === undefined,
      };
    },
    judge: ({ before, after, over }) => {
      if (over) return { set: { state: 'Done', ends: before.ends + (before.phase === 'done' ? 0 : 1) } };
      const state = after.cancelRequested ? 'Cancelling' : after.started > 0 ? 'InProgress' : after.state;
      return { set: { state } };
    },
    whenCancelled: () => ({ state: 'Cancelling' }),
    sweepTargets: async (job, what, after, context) => {
      const jobId = jobIdOf(job);
      const page = await context.state.query<PersonBody>({
        pk: personKey(jobId, '').pk,
        ...(after === undefined ? {} : { from: `${after}\0` }),
        limit: batch,
      });
      const to = what === 'overdue' ? 'TimedOut' : 'Cancelled';
      const open = page.rows.filter(({ body }) => isOpen(body) && (what === 'overdue' || body.state === 'Started'));
      try {
        if (open.length > 0)
          await context.state.transact(open.flatMap((row) => endWrites(kind, row, to, job.deltaShards, context)));
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
        for (const { body } of open) await endPerson(kind, body.personId, to, context);
      }
      return page.next === undefined ? undefined : page.rows.at(-1)?.sk;
    },
  };
  return kind;
}

export type ErrandKind = JobKind<ErrandBody>;

/** There is one job a test. */
export const theJob = 'e1';
const jobIdOf = (_job: ErrandBody): string => theJob;

function following(
  all: readonly string[],
  after: string | undefined,
  limit: number,
): { readonly ids: readonly string[]; readonly next: string | undefined } {
  let start = 0;
  for (let end = all.length; after !== undefined && start < end;) {
    const middle = (start + end) >>> 1;
    if (all[middle]! <= after) start = middle + 1;
    else end = middle;
  }
  const ids = all.slice(start, start + limit);
  return { ids, next: start + limit < all.length ? ids.at(-1) : undefined };
}

function newPerson(jobId: string, personId: string, _context: Context): Write {
  const body: PersonBody = { personId, state: 'Pending', acknowledged: false, starts: 0, ends: 0, again: 0 };
  return { put: personKey(jobId, personId), body, when: { row: 'absent' } };
}

function startedPerson(jobId: string, personId: string): Write {
  const body: PersonBody = { personId, state: 'Started', acknowledged: false, starts: 1, ends: 0, again: 0 };
  return { put: personKey(jobId, personId), body, when: { row: 'absent' } };
}

export async function beginErrand(
  kind: ErrandKind,
  options: Pick<ErrandBody, 'maxConcurrency' | 'maxErrors' | 'alarmConfiguration'> & {
    readonly targets: number;
    readonly lasts?: number;
  },
  context: Context,
): Promise<void> {
  const { targets, lasts, ...limits } = options;
  const now = context.clock.now();
  const job: ErrandBody = {
    ...limits,
    phase: 'spreading',
    requestedAt: now,
    ...(lasts === undefined ? {} : { expiresAt: now + lasts }),
    targetCount: 0,
    tally: {},
    started: 0,
    acknowledged: 0,
    finished: 0,
    ...(kind.onePass ? { underWay: 0 } : {}),
    window: 1,
    windowSince: now,
    stopped: false,
    cancelRequested: false,
    deltaShards: deltaShardsFor(targets),
    state: 'Pending',
    ends: 0,
  };
  const { lookAt, timer } = armFirst(kind, theJob, job, context, now);
  await context.state.transact([
    { put: kind.jobKey(theJob), body: { ...job, lookAt }, when: { row: 'absent' } },
    timer,
    ...alarmRows(kind, theJob, job),
  ]);
}

/** The person says that it has begun. */
export async function acknowledge(kind: ErrandKind, personId: string, context: Context): Promise<void> {
  const changed = await retryOnConflict(async () => {
    const row = await context.state.get<PersonBody>(personKey(theJob, personId));
    if (row === undefined || row.body.state !== 'Started' || row.body.acknowledged) return false;
    await context.state.transact([
      { update: personKey(theJob, personId), set: { acknowledged: true }, when: { version: row.version } },
      await delta(kind, personId, 'acknowledged', { acknowledged: 1 }, context),
    ]);
    return true;
  }, context);
  if (changed) nudgeJob(kind, theJob, context);
}

/** The person is done with it, or somebody ends it. A second end counts only for a kind that reopens. */
export async function endPerson(
  kind: ErrandKind,
  personId: string,
  to: 'Success' | 'Failed' | 'Cancelled' | 'TimedOut',
  context: Context,
): Promise<void> {
  const changed = await retryOnConflict(async () => {
    const row = await context.state.get<PersonBody>(personKey(theJob, personId));
    if (row === undefined) return false;
    const { state, again } = row.body;
    const key = personKey(theJob, personId);
    const when = { version: row.version };
    const job = await readJob(kind, theJob, context.state);
    if (isOpen(row.body)) {
      await context.state.transact(endWrites(kind, row, to, job?.body.deltaShards, context));
      return true;
    }
    if (!kind.reopens || state === to || (to !== 'Success' && to !== 'Failed')) return false;
    await context.state.transact([
      { update: key, set: { state: to }, add: { again: 1 }, when },
      await delta(kind, personId, `again-${again}`, { tally: { [state]: -1, [to]: 1 } }, context),
      ...(job === undefined ? [] : reopenJob(kind, theJob, job, context)),
    ]);
    return true;
  }, context);
  if (changed) nudgeJob(kind, theJob, context);
}

function endWrites(
  kind: ErrandKind,
  { body: { personId, starts, acknowledged }, version }: Row<PersonBody>,
  to: PersonBody['state'],
  shards: number | undefined,
  context: Context,
): Write[] {
  const change = {
    tally: { [to]: 1 },
    ...(starts > 0 ? { finished: 1, underWay: -1, ...(acknowledged ? {} : { acknowledged: 1 }) } : {}),
  };
  return [
    { update: personKey(theJob, personId), set: { state: to }, add: { ends: 1 }, when: { version } },
    counterDelta(kind, theJob, { id: personId, name: 'ended', shards }, change, context.clock.now()),
  ];
}

/** Somebody who was not there when the job came by. */
export async function join(kind: ErrandKind, personId: string, context: Context): Promise<void> {
  await retryOnConflict(async () => {
    const job = await readJob(kind, theJob, context.state);
    if (job === undefined || job.body.exhausted !== true || job.body.stopped || job.body.cancelRequested) return;
    if ((await context.state.get(personKey(theJob, personId))) !== undefined) return;
    await context.state.transact([
      startedPerson(theJob, personId),
      await delta(kind, personId, 'joined', { started: 1, underWay: 1 }, context),
      ...reopenJob(kind, theJob, job, context),
    ]);
  }, context);
  nudgeJob(kind, theJob, context);
}

async function delta(
  kind: ErrandKind,
  id: string,
  name: string,
  change: Parameters<typeof counterDelta>[3],
  context: Context,
): Promise<Write> {
  const shards = (await readJob(kind, theJob, context.state))?.body.deltaShards;
  return counterDelta(kind, theJob, { id, name, shards }, change, context.clock.now());
}
