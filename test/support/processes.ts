/** Whether processes that a script started are still there. */
import { existsSync, readFileSync } from 'node:fs';
import { eventually } from './flotilla-process.ts';

/** Whether there is such a process; one that has ended and that nobody has waited for is none. */
export function isAlive(pid: number): boolean {
  try {
    // The state follows the name, which may hold anything, in brackets.
    return !/^Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!);
  } catch {
    return false;
  }
}

/** The process id that a script writes to a file: `echo $! > FILE`. */
export function pidIn(file: string): Promise<number> {
  return eventually(`a process id in ${file}`, () => {
    const pid = existsSync(file) ? Number.parseInt(readFileSync(file, 'utf8'), 10) : NaN;
    return Number.isNaN(pid) ? undefined : pid;
  });
}

/** Resolves when there is no such process any more. */
export async function gone(pid: number): Promise<void> {
  await eventually(`the end of process ${pid}`, () => (isAlive(pid) ? undefined : true));
}
