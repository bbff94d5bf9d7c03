/** Identifies a process group that may have outlived its agent: by more than its number, because numbers are reused. */
import { readFileSync } from 'node:fs';

export interface ProcessGroup {
  readonly pid: number;
  /** The start of its leader, in the kernel's ticks since boot: it differs when a number is reused. */
  readonly startedAt: string;
}

/** The group that our child process leads; undefined where the system does not tell. */
export function processGroup(pid: number): ProcessGroup | undefined {
  const startedAt = startOf(pid);
  return startedAt === undefined ? undefined : { pid, startedAt };
}

/** Whether this very process still runs. */
export function isRunning(group: ProcessGroup): boolean {
  return startOf(group.pid) === group.startedAt;
}

/** Ends a group, if it is still the same one. */
export function endProcessGroup(group: ProcessGroup): void {
  if (!isRunning(group)) return;
  try {
    process.kill(-group.pid, 'SIGKILL');
  } catch {
    // It has just ended.
  }
}

function startOf(pid: number): string | undefined {
  try {
    // The name in brackets may contain anything; the 20th field after it is the start.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    // A zombie has ended; its parent has not read its exit code yet.
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
