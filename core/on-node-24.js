/**
 * The sources are TypeScript, which Node runs from version 24 on. A program that an older Node starts goes on in the
 * Node 24 that comes with the dependencies. Plain JavaScript of Node 20's, for that is what it runs on.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Whether this Node runs the sources itself. */
export const runsSources = Number(process.versions.node.split('.')[0]) >= 24;

/**
 * Runs a program on the Node 24 of the dependencies, with the arguments of this process, and ends as it ends. Signals
 * are handed on, so that whoever stops this process stops the program, in order.
 * @param {string} program its file
 * @returns {Promise<void>} resolves when it has ended; this process's exit code is its own
 */
export async function runOnNode24(program) {
  const node = node24();
  if (node === undefined) {
    process.stderr.write(
      `${program} needs Node 24 or newer, and this is ${process.version}. Run "npm ci" in ${folder}: it brings Node 24.\n`,
    );
    process.exitCode = 1;
    return;
  }
  const child = spawn(node, ['--disable-warning=ExperimentalWarning', program, ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  /** @type {NodeJS.Signals[]} */
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  // A terminal has sent it to the program too: programs take two that come at once for one.
  for (const signal of signals) process.on(signal, () => child.kill(signal));
  await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      process.exitCode = code ?? 1;
      if (signal !== null) {
        for (const name of signals) process.removeAllListeners(name);
        process.kill(process.pid, signal);
      }
      resolve(undefined);
    });
  });
}

const folder = fileURLToPath(new URL('..', import.meta.url));

/** @returns {string | undefined} where it is, if it is */
function node24() {
  try {
    const node = fileURLToPath(import.meta.resolve(`node-linux-${process.arch}/bin/node`));
    return existsSync(node) ? node : undefined;
  } catch {
    return undefined;
  }
}
