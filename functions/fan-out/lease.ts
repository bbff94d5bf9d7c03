/**
 * One worker counts a job's deltas. Many gateways that take in replies at once would otherwise compete for the job's
 * row with transactions. The lease only avoids that: what is written is right without it, because every transaction of
 * a job asks for the version of its row.
 */
import type { Context } from '../../core/context.ts';
import { ConditionFailed, type Row } from '../../core/state.ts';
import type { JobKind } from './kind.ts';
import { leaseKey, type LeaseBody } from './store.ts';

/** Milliseconds after which the worker of a lease is taken for dead. */
const leaseLasts = 30_000;

export type Outcome = 'idle' | 'unfinished';

/**
 * Does the work if nobody else does it now. Whoever finds the lease taken may leave: its holder looks once more after
 * it has released it. If the holder died, the job's timer does its work.
 * @param work asks `mayGoOn` between two steps: false when the lease will not last much longer; it is then called again
 *   with a new lease
 * @param isLeft whether something has come in meanwhile
 * @returns `taken` where another worker has the lease
 */
export async function underLease(
  kind: Pick<JobKind<never>, 'timerKind'>,
  jobId: string,
  context: Context,
  work: (mayGoOn: () => boolean) => Promise<Outcome>,
  isLeft: () => Promise<boolean>,
): Promise<Outcome | 'taken'> {
  if (context.background.isAlone) return work(() => true);
  const key = leaseKey(kind, jobId);
  for (;;) {
    const present = await context.state.get<LeaseBody>(key);
    const now = context.clock.now();
    if (present !== undefined && present.body.until > now) return 'taken';
    const owner = context.ids.uuid();
    if (!(await take(present, { owner, until: now + leaseLasts }))) return 'taken';
    let outcome: Outcome;
    let lapsing = false;
    try {
      outcome = await work(() => !(lapsing ||= context.clock.now() >= now + leaseLasts / 2));
    } finally {
      await release(owner);
    }
    if (outcome === 'unfinished' && !lapsing) return outcome;
    if (outcome === 'idle' && !(await isLeft())) return outcome;
  }

  async function take(present: Row<LeaseBody> | undefined, body: LeaseBody): Promise<boolean> {
    return succeeds(
      context.state.write({
        put: key,
        body,
        when: present === undefined ? { row: 'absent' } : { version: present.version },
        // Of a worker that died nobody may take it over: then the row goes by itself.
        expiresAt: Math.ceil(body.until / 1000) + 24 * 3600,
      }),
    );
  }

  async function release(owner: string): Promise<boolean> {
    return succeeds(context.state.write({ delete: key, when: { equals: { owner } } }));
  }
}

async function succeeds(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionFailed) return false;
    throw error;
  }
}
