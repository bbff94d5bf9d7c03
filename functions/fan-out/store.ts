/**
 * Keys and rows of the fan-out engine. A job's own row is its kind's (`COMMAND#<id>`); all kinds share its shape.
 *
 * | row | pk | sk |
 * |---|---|---|
 * | counter delta | `<kind's delta prefix>#<job>#<shard>` | `<target>#<name>` |
 * | a job that an alarm stops | `<kind's alarm prefix>#<alarm>` | `<job>` |
 * | lease of the worker that counts | `FAN-OUT-LEASE#<kind>#<job>` | `LEASE` |
 *
 * Deltas are spread over shards because a fleet writes them at once.
 */
import type { OutgoingEvent } from '../../core/events.ts';
import { lastDigitShardOf } from '../../core/keys-of-rows.ts';
import type { Delete, Key, Put, Row, State, Update } from '../../core/state.ts';
import type { CounterDelta, JobBody } from './job.ts';
import type { JobKind } from './kind.ts';

/** Deltas are counted within seconds. A job that never ends (a fault) does not keep them for ever. */
const deltaRetention = 30 * 24 * 3600;

export const mostDeltaShards = 16;

/** How many shards a job of so many targets needs: what fifty nodes write, one partition takes. */
export function deltaShardsFor(targets: number): number {
  return targets <= 50 ? 1 : mostDeltaShards;
}

export function readJob<Job extends JobBody>(
  kind: JobKind<Job>,
  jobId: string,
  state: State,
): Promise<Row<Job> | undefined> {
  return state.get<Job>(kind.jobKey(jobId), { shape: kind.shape });
}

/** A change of a job's row, on condition that nobody else has changed it. */
export function updateJob<Job extends JobBody>(
  kind: JobKind<Job>,
  jobId: string,
  version: number,
  set: Partial<Job>,
  events: readonly OutgoingEvent[] = [],
): Update {
  return { update: kind.jobKey(jobId), set, when: { version }, events, shape: kind.shape };
}

type DeltaKind = Pick<JobKind<never>, 'deltaPrefix'>;

export function deltaPartition({ deltaPrefix }: DeltaKind, jobId: string, shard: number): string {
  return `${deltaPrefix}#${jobId}#${shard}`;
}

/**
 * The write of a counter delta. Put it into the transaction that changes the target.
 * @param target.name names the delta among those of its target: the same one written twice is counted once
 * @param target.shards the job's `deltaShards`
 * @example
 * await context.state.transact([
 *   { update: invocationKey(commandId, nodeId), set: { state: 'Success' }, when: { version } },
 *   counterDelta(kind, commandId, { id: nodeId, name: 'ended', shards }, { finished: 1, tally: { Success: 1 } }, now),
 * ]);
 * nudgeJob(kind, commandId, context);
 */
export function counterDelta(
  kind: DeltaKind,
  jobId: string,
  target: { readonly id: string; readonly name: string; readonly shards: number | undefined },
  delta: CounterDelta,
  now: number,
): Put<CounterDelta> {
  return {
    put: {
      pk: deltaPartition(kind, jobId, lastDigitShardOf(target.id) % (target.shards ?? mostDeltaShards)),
      sk: `${target.id}#${target.name}`,
    },
    body: delta,
    expiresAt: Math.floor(now / 1000) + deltaRetention,
  };
}

export function deleteDelta({ pk, sk }: Key): Delete {
  return { delete: { pk, sk } };
}

/** Deltas that have yet to be counted. Shards are read in turn until there are enough. */
export async function readDeltas(
  kind: DeltaKind,
  jobId: string,
  shards: number,
  limit: number,
  state: State,
): Promise<Row<CounterDelta>[]> {
  const deltas: Row<CounterDelta>[] = [];
  for (let shard = 0; shard < shards && deltas.length < limit; shard++) {
    const page = await state.query<CounterDelta>({
      pk: deltaPartition(kind, jobId, shard),
      limit: limit - deltas.length,
    });
    deltas.push(...page.rows);
  }
  return deltas;
}

export function alarmPartition({ alarmPrefix }: Pick<JobKind<never>, 'alarmPrefix'>, alarm: string): string {
  return `${alarmPrefix}#${alarm}`;
}

/**
 * The rows by which its alarms find a job: write them with the job. A job with an end has none a day after it; one
 * without keeps them for 30 days.
 */
export function alarmRows(
  kind: Pick<JobKind<never>, 'alarmPrefix'>,
  jobId: string,
  { alarmConfiguration, expiresAt, requestedAt }: Pick<JobBody, 'alarmConfiguration' | 'expiresAt' | 'requestedAt'>,
): Put[] {
  const end = expiresAt === undefined ? requestedAt / 1000 + deltaRetention : expiresAt / 1000 + 24 * 3600;
  return (alarmConfiguration?.Alarms ?? []).map(({ Name = '' }) => ({
    put: { pk: alarmPartition(kind, Name), sk: jobId },
    body: {},
    expiresAt: Math.ceil(end),
  }));
}

/** Who counts a job's deltas now. */
export interface LeaseBody {
  readonly owner: string;
  /** Epoch milliseconds; then its worker is taken for dead. */
  readonly until: number;
}

export function leaseKey({ timerKind }: Pick<JobKind<never>, 'timerKind'>, jobId: string): Key {
  return { pk: `FAN-OUT-LEASE#${timerKind}#${jobId}`, sk: 'LEASE' };
}
