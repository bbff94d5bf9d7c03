/**
 * Runs a script with its output written directly to files, in its own process group, which is killed as a whole when
 * its time is over or it is cancelled.
 */
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { killed } from './result.ts';

export interface ScriptRun {
  readonly command: string;
  readonly args: readonly string[];
  readonly workingDirectory: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Milliseconds. */
  readonly timeout: number;
  readonly stdoutFile: string;
  readonly stderrFile: string;
  /** Cancels the script when aborted. */
  readonly signal: AbortSignal;
  /** Called with the process group as soon as it runs. */
  readonly onStart?: ((pid: number) => void) | undefined;
}

export interface ScriptEnd {
  /** The exit code; 137 when we killed it; -1 when a signal ended it. */
  readonly code: number;
  readonly reason: 'exited' | 'timed out' | 'cancelled' | 'not started';
  /** Why it could not be started. */
  readonly error?: string;
}

export function runScript(run: ScriptRun): Promise<ScriptEnd> {
  if (run.signal.aborted) return Promise.resolve({ code: killed, reason: 'cancelled' });
  const output = openSync(run.stdoutFile, 'a', 0o600);
  const error = openSync(run.stderrFile, 'a', 0o600);
  try {
    const child = spawn(run.command, run.args, {
      cwd: run.workingDirectory,
      env: run.environment,
      stdio: ['ignore', output, error],
      detached: true,
    });
    if (child.pid !== undefined) run.onStart?.(child.pid);
    return untilEnd(child, run);
  } finally {
    // The child has its own copy.
    closeSync(output);
    closeSync(error);
  }
}

function untilEnd(child: ReturnType<typeof spawn>, run: ScriptRun): Promise<ScriptEnd> {
  return new Promise((resolve) => {
    let reason: ScriptEnd['reason'] = 'exited';
    const kill = (why: ScriptEnd['reason']): void => {
      if (reason !== 'exited') return;
      reason = why;
      killGroup(child.pid);
    };
    const timer = setTimeout(() => kill('timed out'), run.timeout);
    const onAbort = (): void => kill('cancelled');
    run.signal.addEventListener('abort', onAbort, { once: true });
    const end = (result: ScriptEnd): void => {
      clearTimeout(timer);
      run.signal.removeEventListener('abort', onAbort);
      resolve(result);
    };
    child.once('error', (error) => end({ code: 1, reason: 'not started', error: error.message }));
    // 'exit' instead of 'close': processes that the script left in the background must not delay us.
    child.once('exit', (code) => end(reason === 'exited' ? { code: code ?? -1, reason } : { code: killed, reason }));
  });
}

/** Kills the whole group: a shell's children outlive the shell. */
function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has just ended.
  }
}
