/** Runs a program of the system and returns its output. */
import { execFile } from 'node:child_process';
import { loginEnvironment } from '../login-environment.ts';

const largestOutput = 32 * 1024 * 1024;

/** @returns its output; undefined where there is no such program or it failed */
export function outputOf(command: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(
      command,
      [...args],
      { maxBuffer: largestOutput, timeout: 60_000, env: { ...loginEnvironment(), LC_ALL: 'C' } },
      (error, stdout) => resolve(error === null ? stdout : undefined),
    );
  });
}
