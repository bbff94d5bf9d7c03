/** A second process on the same files, for promises that a kill or a lock makes. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';

export interface Child {
  readonly process: ChildProcess;
  /** Lines of its output, as they come; ends when it does. */
  readonly lines: AsyncIterableIterator<string>;
  /** Sends a signal and waits for the end. @returns its exit code, or the signal */
  kill(signal: NodeJS.Signals): Promise<number | string>;
  readonly ended: Promise<number | string>;
}

/**
 * Runs a TypeScript module in a Node process of its own, for as long as the test. @param wrapper a command that runs
 * it: strace
 */
export function startChild(module: string, args: readonly string[] = [], wrapper: readonly string[] = []): Child {
  const [command, ...rest] = [...wrapper, process.execPath, '--disable-warning=ExperimentalWarning', module, ...args];
  const child = spawn(command!, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<number | string>((resolve, reject) =>
    child.once('error', reject).once('exit', (code, signal) => resolve(code ?? signal ?? 'gone')),
  );
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return {
    process: child,
    lines: createInterface({ input: child.stdout })[Symbol.asyncIterator](),
    ended,
    kill: (signal) => {
      child.kill(signal);
      return ended;
    },
  };
}
