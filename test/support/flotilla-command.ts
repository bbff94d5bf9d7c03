/** The `flotilla` command as a process of its own, with its output as it comes. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import type { Connection } from '../../local/connection-file.ts';

const program = path.resolve(import.meta.dirname, '../../cli/main.ts');

export interface RunningCommand {
  readonly pid: number;
  /** So far. */
  readonly out: string;
  readonly error: string;
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
  signal(signal: NodeJS.Signals): void;
}

/** Runs it against a Flotilla, for as long as the test. @param input to standard input */
export function flotilla(
  connection: Pick<Connection, 'endpoint' | 'accessKeyId' | 'secretAccessKey'>,
  args: readonly string[],
  input?: string,
): RunningCommand {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, ...args], {
    env: {
      ...process.env,
      FLOTILLA_ENDPOINT: connection.endpoint,
      FLOTILLA_ACCESS_KEY_ID: connection.accessKeyId,
      FLOTILLA_SECRET_ACCESS_KEY: connection.secretAccessKey,
    },
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  child.stdin?.end(input);
  const said = { out: '', error: '' };
  child.stdout!.setEncoding('utf8').on('data', (text: string) => (said.out += text));
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (said.error += text));
  const ended = new Promise<number | string>((resolve) =>
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'gone')),
  );
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return {
    pid: child.pid!,
    get out() {
      return said.out;
    },
    get error() {
      return said.error;
    },
    ended,
    signal: (signal) => void child.kill(signal),
  };
}
