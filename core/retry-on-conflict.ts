/** Two writers of one row: the later one reads again and decides anew. */
import { setTimeout as sleep } from 'node:timers/promises';
import { noDeadline, type Deadline } from './deadline.ts';
import { ConditionFailed } from './state.ts';

/** More rivals than this for one row point at a design that heats it. */
const attempts = 20;
/** Milliseconds; doubled with each attempt, and cut at random, so that rivals do not meet again. */
const firstPause = 5;
const longestPause = 500;

export interface Patience {
  /** No attempt begins after it. A Context has one. */
  readonly deadline?: Deadline;
  /** 0 to 1; tests give their own. */
  readonly random?: () => number;
  /** Waits, in real time: what others do meanwhile takes real time too. */
  readonly pause?: (milliseconds: number) => Promise<unknown>;
}

/** Others were quicker, again and again: what a person reads in the log says how often, and which row it was. */
export class ConflictPersists extends ConditionFailed {
  override readonly name = 'ConflictPersists';

  constructor({ key, position: place, message }: ConditionFailed, made: number) {
    super(key, place);
    this.message = `${message}, in ${made} attempts`;
  }
}

/**
 * Runs `attempt`, and runs it anew while it fails because a row changed under it. Pauses between attempts grow, and
 * are random: all in all some 3 seconds, 6 at the most.
 * @param attempt reads, decides and writes with a condition; it is called again from the start
 * @param patience a Context: no attempt begins after its deadline. It is required, so that no call forgets it
 * @throws ConflictPersists, a ConditionFailed, after 20 attempts or at the deadline; whatever else `attempt` throws
 * @example
 * await retryOnConflict(async () => {
 *   const row = await state.get<Counter>(key);
 *   await state.write({ put: key, body: next(row?.body), when: row ? { version: row.version } : { row: 'absent' } });
 * }, context);
 */
export async function retryOnConflict<T>(
  attempt: () => Promise<T>,
  { deadline = noDeadline, random = Math.random, pause = sleep }: Patience,
): Promise<T> {
  for (let made = 1; ; made++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      const milliseconds = random() * Math.min(longestPause, firstPause * 2 ** (made - 1));
      if (made >= attempts || deadline.remaining() <= milliseconds) throw new ConflictPersists(error, made);
      await pause(milliseconds);
    }
  }
}

/**
 * Tells a conflict as the API does: the one place where a ConditionFailed becomes an error that callers see.
 * @param work a write on condition, or a {@link retryOnConflict}
 * @param toError what the caller is told; undefined where it was another row's condition
 * @throws what `toError` makes of a ConditionFailed; whatever else `work` throws
 * @example
 * return conflictAs(
 *   retryOnConflict(() => change(row), context),
 *   () => new TooManyUpdates('The document is being changed by others. Try again.'),
 * );
 */
export async function conflictAs<T>(
  work: Promise<T>,
  toError: (conflict: ConditionFailed) => Error | undefined,
): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    throw toError(error) ?? error;
  }
}
