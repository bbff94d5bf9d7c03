/**
 * Firing one timer: claims it, calls its handler, and removes it. On AWS and locally alike. Two workers at
 * once: one claims, the other finds it claimed. A worker that dies leaves a claim that lapses.
 */
import type { Context } from '../../core/context.ts';
import { describeError, putDeadLetter, retryPauses } from '../../core/dead-letters.ts';
import { ConditionFailed, type Condition, type Put, type Row } from '../../core/state.ts';
import { scheduleTimer, timerKey, unfinished, type Timer, type TimerHandler } from '../../core/timers.ts';

/** How long a worker has, before another may try: a Lambda's minute and some. */
export const claimLasts = 90_000;

export type TimerHandlers = Readonly<Record<string, TimerHandler<never>>>;

/**
 * Fires a timer that any number of workers may have been told of.
 * @param key where the timer is kept
 * @returns what became of it: `gone` when it was finished or moved meanwhile, `claimed` when another worker has it
 * @throws what the state throws when it cannot be written; the timer stands then
 */
export async function fireTimer(
  key: Pick<Timer, 'due' | 'id'>,
  handlers: TimerHandlers,
  context: Context,
): Promise<'done' | 'gone' | 'claimed' | 'failed'> {
  const row = await context.state.get<Timer>(timerKey(key));
  if (row === undefined) return 'gone';
  if ((row.body.claimedUntil ?? 0) > context.clock.now()) return 'claimed';
  const claimed = await claim(row, context);
  return claimed === undefined ? 'claimed' : fire(claimed, row.body, handlers, context, () => false);
}

/**
 * Fires a timer of a worker that has no rivals: nobody's claim need be looked at or made, which is a commit less.
 * @param isTouched whether anybody has written or removed it since the call: then it is no longer ours to remove or put
 * off
 * @throws as {@link fireTimer}
 */
export async function fireAlone(
  key: Pick<Timer, 'due' | 'id'>,
  handlers: TimerHandlers,
  context: Context,
  isTouched: () => boolean,
): Promise<'done' | 'gone' | 'failed'> {
  const row = await context.state.get<Timer>(timerKey(key));
  if (row === undefined) return 'gone';
  return fire(
    { ...row, body: { ...row.body, attempts: (row.body.attempts ?? 0) + 1 } },
    row.body,
    handlers,
    context,
    isTouched,
  );
}

async function fire(
  claimed: Row<Timer>,
  timer: Timer,
  handlers: TimerHandlers,
  context: Context,
  isTouched: () => boolean,
): Promise<'done' | 'failed'> {
  const log = context.log.with({ timer: timer.id, kind: timer.kind });
  let outcome: void | typeof unfinished;
  try {
    const handler = handlers[timer.kind] as TimerHandler | undefined;
    if (handler === undefined) throw new Error(`no timer of the kind ${timer.kind} is registered`);
    outcome = await handler(timer, { ...context, log });
  } catch (error) {
    log.warn('a timer failed', { error, attempts: (timer.attempts ?? 0) + 1 });
    if (!isTouched()) await putOff(claimed, error, context);
    return 'failed';
  }
  // Most handlers have finished the timer in the write that records its effect; a timer scheduled anew stands.
  if (isTouched()) return 'done';
  if (outcome === unfinished) await comeAgain(claimed, context);
  else await removeIfUnchanged(claimed, context);
  return 'done';
}

async function claim(row: Row<Timer>, context: Context): Promise<Row<Timer> | undefined> {
  try {
    return await context.state.write<Timer>({
      update: timerKey(row.body),
      set: { claimedUntil: context.clock.now() + claimLasts, attempts: (row.body.attempts ?? 0) + 1 },
      when: { version: row.version },
    });
  } catch (error) {
    if (error instanceof ConditionFailed) return undefined;
    throw error;
  }
}

/**
 * A timer that is set anew has the first version again, and claimed by another worker it has ours: the claim tells them
 * apart.
 */
function unchanged({ version, body: { claimedUntil } }: Row<Timer>): Condition {
  return { version, ...(claimedUntil === undefined ? {} : { equals: { claimedUntil } }) };
}

async function removeIfUnchanged(row: Row<Timer>, context: Context): Promise<void> {
  try {
    await context.state.write({ delete: timerKey(row.body), when: unchanged(row) });
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
}

/** The timer falls due again at once: its handler stopped at its deadline. No attempt is counted: it got on. */
async function comeAgain(row: Row<Timer>, context: Context): Promise<void> {
  const { claimedUntil: _claim, attempts: _attempts, ...timer } = row.body;
  await replace(row, scheduleTimer({ ...timer, due: Math.max(context.clock.now(), timer.due + 1) }), context);
}

/** Another attempt later, as a timer with another due time; or the end of the attempts. */
async function putOff(row: Row<Timer>, error: unknown, context: Context): Promise<void> {
  const { claimedUntil: _claim, ...timer } = row.body;
  const attempts = timer.attempts ?? 1;
  const pause = retryPauses[attempts - 1];
  const now = context.clock.now();
  const next =
    pause === undefined
      ? putDeadLetter({
          id: context.ids.uuid(),
          kind: 'timer',
          timer: { ...timer, attempts: 0 },
          failedAt: now,
          attempts,
          error: describeError(error),
        })
      : scheduleTimer({ ...timer, due: Math.max(now + pause, timer.due + 1) });
  await replace(row, next, context);
}

/** Puts another row in a timer's place, unless the timer was finished or claimed anew: then it is not ours. */
async function replace(row: Row<Timer>, next: Put, context: Context): Promise<void> {
  try {
    await context.state.transact([{ delete: timerKey(row.body), when: unchanged(row) }, next]);
  } catch (conflict) {
    if (!(conflict instanceof ConditionFailed)) throw conflict;
  }
}
