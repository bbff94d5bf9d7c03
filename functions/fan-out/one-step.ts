/** One step of work that goes on until nothing is left, or until the deadline. */
import type { Context } from '../../core/context.ts';
import { isOver } from '../../core/deadline.ts';
import { ConflictPersists, retryOnConflict } from '../../core/retry-on-conflict.ts';

/**
 * @param step reads, decides and writes; answers whether another step may find more to do
 * @returns `unfinished` where the deadline is near: it has not failed, and the next call goes on
 * @throws ConflictPersists where others were quicker again and again, long before the deadline
 */
export async function oneStep(step: () => Promise<boolean>, context: Context): Promise<'more' | 'idle' | 'unfinished'> {
  try {
    if (!(await retryOnConflict(step, context))) return 'idle';
  } catch (error) {
    if (!(error instanceof ConflictPersists) || !isOver(context)) throw error;
  }
  return isOver(context) ? 'unfinished' : 'more';
}
