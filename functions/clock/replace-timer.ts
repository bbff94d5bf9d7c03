/** What becomes of a timer that was not done: another due time, or a dead letter. Only where it is still ours. */
import type { Context } from '../../core/context.ts';
import { deadLetterWrites, isFinal, logUnstored, type DeadLetter } from '../../core/dead-letters.ts';
import { ConditionFailed, type Condition, type Put, type Row } from '../../core/state.ts';
import { scheduleTimer, timerKey, type Timer } from '../../core/timers.ts';

/**
 * The same timer at another due time. It moves to another key, so that an old message of the queue finds nothing.
 * @param change.due epoch milliseconds; a millisecond after the present one, where that is later
 */
export async function moveTo(
  row: Row<Timer>,
  change: { readonly due: number; readonly attempts?: undefined; readonly unknownSince?: number },
  context: Context,
): Promise<void> {
  const { claimedUntil: _claim, unknownSince: _since, ...timer } = row.body;
  const due = Math.max(change.due, timer.due + 1);
  await replace(row, [scheduleTimer(withoutUndefined({ ...timer, ...change, due }))], context);
}

/** The timer becomes a dead letter. One that cannot be stored goes to the log, whole; the timer goes all the same. */
export async function giveUp(row: Row<Timer>, error: string, context: Context): Promise<void> {
  const { claimedUntil: _claim, unknownSince: _since, ...timer } = row.body;
  const letter: DeadLetter = {
    id: context.ids.uuid(),
    kind: 'timer',
    timer: { ...timer, attempts: 0 },
    failedAt: context.clock.now(),
    attempts: timer.attempts ?? 0,
    error,
  };
  context.log.error('a timer is given up', { timer: timer.id, kind: timer.kind, attempts: letter.attempts, error });
  try {
    await replace(row, deadLetterWrites(letter), context);
  } catch (unstorable) {
    if (!isFinal(unstorable)) throw unstorable;
    logUnstored(letter, unstorable, context);
    await removeIfUnchanged(row, context);
  }
}

/** Removes a timer, unless it was finished, set anew or claimed by another worker meanwhile. */
export async function removeIfUnchanged(row: Row<Timer>, context: Context): Promise<void> {
  try {
    await context.state.write({ delete: timerKey(row.body), when: unchanged(row) });
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
}

/** Puts other rows in a timer's place, unless the timer was finished or claimed anew: then it is not ours. */
async function replace(row: Row<Timer>, next: readonly Put[], context: Context): Promise<void> {
  try {
    await context.state.transact([{ delete: timerKey(row.body), when: unchanged(row) }, ...next]);
  } catch (conflict) {
    if (!(conflict instanceof ConditionFailed)) throw conflict;
  }
}

/**
 * A timer that is set anew has the first version again, and claimed by another worker it has ours: the claim tells them
 * apart.
 */
function unchanged({ version, body: { claimedUntil } }: Row<Timer>): Condition {
  return { version, ...(claimedUntil === undefined ? {} : { equals: { claimedUntil } }) };
}

function withoutUndefined(timer: Timer & { readonly attempts?: number | undefined }): Timer {
  const { attempts, ...rest } = timer;
  return attempts === undefined ? rest : { ...rest, attempts };
}
