/** Work that is worth doing now but that nobody waits for; what is lost with the process a timer makes good. */
import type { Log } from './log.ts';

interface Running {
  /** Asked for again while it was under way. */
  again: boolean;
}

/** Per owner, the pieces of work under way by their keys. */
const owners = new WeakMap<object, Map<string, Running>>();

/**
 * Does the work in the background, one at a time per owner and key: asked for while it is under way, it is
 * done once more afterwards. A failure is logged.
 * @param owner what the keys belong to: the store, so that two in one process do not mix
 */
export function inBackground(owner: object, key: string, log: Log, work: () => Promise<void>): void {
  const all = owners.get(owner) ?? new Map<string, Running>();
  owners.set(owner, all);
  const present = all.get(key);
  if (present !== undefined) {
    present.again = true;
    return;
  }
  const running: Running = { again: false };
  all.set(key, running);
  const run = async (): Promise<void> => {
    try {
      do {
        running.again = false;
        await work();
      } while (running.again);
    } catch (error) {
      log.warn('work in the background failed; its timer will do it', { key, error });
    } finally {
      all.delete(key);
    }
  };
  void run();
}
