/** Two writers of one row: the later one reads again and decides anew. */
import { ConditionFailed } from './state.ts';

/** More rivals than this for one row point at a design that heats it. */
const patience = 20;

/**
 * Runs `attempt`, and runs it anew while it fails because a row changed under it.
 * @param attempt reads, decides and writes with a condition; it is called again from the start
 * @throws ConditionFailed after 20 attempts; whatever else `attempt` throws
 */
export async function retryOnConflict<T>(attempt: () => Promise<T>): Promise<T> {
  for (let rest = patience; ; rest--) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof ConditionFailed) || rest <= 1) throw error;
    }
  }
}
