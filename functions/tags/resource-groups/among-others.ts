/** Changes a group that other requests may be changing too. */
import type { Context } from '../../../core/context.ts';
import { conflictAs, retryOnConflict } from '../../../core/retry-on-conflict.ts';
import { TooManyRequestsException } from './errors.ts';

/**
 * Repeats `attempt` while other requests change the group.
 * @throws TooManyRequestsException when they were faster each time
 */
export async function amongOthers<T>(attempt: () => Promise<T>, context: Pick<Context, 'deadline'>): Promise<T> {
  return conflictAs(
    retryOnConflict(attempt, context),
    () => new TooManyRequestsException('The group is being changed by others. Try again.'),
  );
}
