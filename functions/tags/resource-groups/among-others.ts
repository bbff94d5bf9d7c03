/** Changes of a group that others may be changing too. */
import type { Context } from '../../../core/context.ts';
import { conflictAs, retryOnConflict } from '../../../core/retry-on-conflict.ts';
import { TooManyRequestsException } from './errors.ts';

/**
 * Runs `attempt` anew while others change the group under it.
 * @throws TooManyRequestsException when they were quicker again and again
 */
export async function amongOthers<T>(attempt: () => Promise<T>, context: Pick<Context, 'deadline'>): Promise<T> {
  return conflictAs(
    retryOnConflict(attempt, context),
    () => new TooManyRequestsException('The group is being changed by others. Try again.'),
  );
}
