/** Our agent as a child process. It is registered and run, restarted when it dies, and stopped with Flotilla. */
import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { loginEnvironment } from '../../agent/login-environment.ts';

const program = path.resolve(import.meta.dirname, '../../agent/main.js');
/** Milliseconds before an agent that died is started again. */
const restartAfter = 2_000;
const onlineWithin = 60_000;
const killedAfter = 10_000;

export class AgentProcess {
  readonly #log: (line: string) => void;
  #child: ChildProcess | undefined;
  #stopped = false;
  #restart: NodeJS.Timeout | undefined;

  /** @param log gets each line that the agent writes to stderr */
  constructor(log: (line: string) => void) {
    this.#log = log;
  }

  /** The child's process id, for measurements. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** @throws Error with the agent's output when it fails */
  register(args: readonly string[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const child = this.#start(['register', ...args], (code) =>
        code === 0 ? resolve() : reject(new Error(said.trim() || `the agent ended with ${code}`)),
      );
      let said = '';
      child.stderr!.on('data', (chunk: Buffer) => (said += chunk.toString()));
      child.stdout!.resume();
      child.once('error', reject);
    });
  }

  /** Resolves when the agent reports that it is online. @throws Error when it does not within a minute */
  run(args: readonly string[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const tooLate = setTimeout(
        () => reject(new Error('the agent did not come online within a minute')),
        onlineWithin,
      );
      const start = (): void => {
        const child = this.#start(['run', ...args], () => {
          if (!this.#stopped) this.#restart = setTimeout(start, restartAfter);
        });
        createInterface({ input: child.stdout! }).on('line', (line) => {
          if (!line.endsWith(' online')) return;
          clearTimeout(tooLate);
          resolve();
        });
        createInterface({ input: child.stderr! }).on('line', this.#log);
        child.once('error', (error) => this.#log(error.message));
      };
      start();
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#restart);
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGTERM');
    const tooLong = setTimeout(() => child.kill('SIGKILL'), killedAfter);
    await ended;
    clearTimeout(tooLong);
  }

  #start(args: readonly string[], closed: (code: number | null) => void): ChildProcess {
    if (this.#stopped) throw new Error('Flotilla is stopping');
    this.#child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, ...args], {
      // The agent needs nothing from the starter's environment, and every command's script could read it.
      env: loginEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.once('close', closed);
    return this.#child;
  }
}
