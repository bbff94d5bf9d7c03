/** Two writers of one row: the later one reads again and decides anew. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ConditionFailed } from './state.ts';

/** More rivals than this for one row point at a design that heats it. */
const patience = 20;
/** So many are made at once: most conflicts are over by then. */
const withoutPause = 2;
/** Milliseconds; doubled with each further attempt, and cut at random, so that rivals do not meet again. */
const firstPause = 4;
const longestPause = 250;

/**
 * Runs `attempt`, and runs it anew while it fails because a row changed under it, with growing pauses of random length.
 * @param attempt reads, decides and writes with a condition; it is called again from the start
 * @throws ConditionFailed after 20 attempts; whatever else `attempt` throws
 */
export async function retryOnConflict<T>(attempt: () => Promise<T>): Promise<T> {
  for (let rest = patience; ; rest--) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof ConditionFailed) || rest <= 1) throw error;
      const paused = patience - rest - withoutPause;
      if (paused >= 0) await sleep(Math.random() * Math.min(longestPause, firstPause * 2 ** paused));
    }
  }
}
