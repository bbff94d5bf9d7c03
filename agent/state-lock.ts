/**
 * One agent for each state folder: two agents with one identity would take the channel from each other again and again.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning, processGroup, type ProcessGroup } from './process-group.ts';
import { JsonFolder } from './state-folder.ts';

const name = 'running';
/** Milliseconds. An agent that is asked to stop takes at most ten seconds. */
const patience = 12_000;

/** Another agent runs on this state folder. */
export class AlreadyRunning extends Error {
  override readonly name = 'AlreadyRunning';
}

/**
 * Locks the folder for this process. A killed process does not keep the lock: the process id in the file counts only
 * together with that process's start time.
 * @param options.replace ends the agent that has the lock
 * @throws AlreadyRunning
 */
export async function lockState(stateFolder: string, options: { readonly replace: boolean }): Promise<void> {
  const locks = new JsonFolder<ProcessGroup>(stateFolder);
  const holder = locks.read(name);
  if (holder !== undefined && holder.pid !== process.pid && isRunning(holder)) {
    if (!options.replace) throw new AlreadyRunning(`An agent (process ${holder.pid}) runs on ${stateFolder} already.`);
    process.kill(holder.pid, 'SIGTERM');
    for (const until = Date.now() + patience; isRunning(holder); await sleep(50))
      if (Date.now() > until) process.kill(holder.pid, 'SIGKILL');
  }
  const own = processGroup(process.pid);
  if (own !== undefined) locks.write(name, own);
}
