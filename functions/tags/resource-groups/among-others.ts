/** Changes of a group that others may be changing too. */
import { retryOnConflict } from '../../../core/retry-on-conflict.ts';
import { ConditionFailed } from '../../../core/state.ts';
import { TooManyRequestsException } from './errors.ts';

/**
 * Runs `attempt` anew while others change the group under it.
 * @throws TooManyRequestsException when they were quicker again and again
 */
export async function amongOthers<T>(attempt: () => Promise<T>): Promise<T> {
  try {
    return await retryOnConflict(attempt);
  } catch (error) {
    if (error instanceof ConditionFailed)
      throw new TooManyRequestsException('The group is being changed by others. Try again.');
    throw error;
  }
}
