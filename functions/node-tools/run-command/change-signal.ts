/**
 * Wakes whoever watches a command in this process when something happens to it. A signal is a nudge: who
 * watches from another process, or misses one, looks again within a second or so.
 */
const watchers = new WeakMap<object, Map<string, Set<() => void>>>();

/** @param owner what the ids belong to: the store, so that two in one process do not mix */
export function signalChange(owner: object, commandId: string): void {
  const watching = watchers.get(owner)?.get(commandId);
  if (watching !== undefined) for (const wake of [...watching]) wake();
}

/** Resolves with the next signal, or when the time is up: milliseconds of real time, as sockets count them. */
export function untilChange(owner: object, commandId: string, milliseconds: number): Promise<void> {
  const byCommand = watchers.get(owner) ?? new Map<string, Set<() => void>>();
  watchers.set(owner, byCommand);
  const watching = byCommand.get(commandId) ?? new Set();
  byCommand.set(commandId, watching);
  return new Promise((resolve) => {
    const wake = (): void => {
      clearTimeout(timeout);
      watching.delete(wake);
      if (watching.size === 0) byCommand.delete(commandId);
      resolve();
    };
    const timeout = setTimeout(wake, Math.max(0, milliseconds));
    watching.add(wake);
  });
}
