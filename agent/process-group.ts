/** A process group that may have outlived the agent that started it: found again by more than its number. */
import { readFileSync } from 'node:fs';

export interface ProcessGroup {
  readonly pid: number;
  /** When its leader was started, in the kernel's ticks since boot: a number that is used again differs here. */
  readonly startedAt: string;
}

/** The group that a child of ours leads; undefined where the system does not tell. */
export function processGroup(pid: number): ProcessGroup | undefined {
  const startedAt = startOf(pid);
  return startedAt === undefined ? undefined : { pid, startedAt };
}

/** Whether that very process still runs. */
export function isRunning(group: ProcessGroup): boolean {
  return startOf(group.pid) === group.startedAt;
}

/** Ends a group, if it is still the one we mean. */
export function endProcessGroup(group: ProcessGroup): void {
  if (!isRunning(group)) return;
  try {
    process.kill(-group.pid, 'SIGKILL');
  } catch {
    // It has ended in this moment.
  }
}

function startOf(pid: number): string | undefined {
  try {
    // The name in brackets may hold anything; the 20th field after it is the start.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    // A zombie has ended; its parent only has not looked yet.
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
