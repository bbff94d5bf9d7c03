/** Changes of a group that others may be changing too. */
import { conflictAs, retryOnConflict } from '../../../core/retry-on-conflict.ts';
import { TooManyRequestsException } from './errors.ts';

/**
 * Runs `attempt` anew while others change the group under it.
 * @throws TooManyRequestsException when they were quicker again and again
 */
export async function amongOthers<T>(attempt: () => Promise<T>): Promise<T> {
  return conflictAs(
    retryOnConflict(attempt),
    () => new TooManyRequestsException('The group is being changed by others. Try again.'),
  );
}
