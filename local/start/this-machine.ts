/** Makes this machine a node: an activation, a registration, and the agent as a child process. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import path from 'node:path';
import type { Context } from '../../core/context.ts';
import type { Connection } from '../connection-file.ts';
import { callAsService } from './call-as-service.ts';

const agentProgram = path.resolve(import.meta.dirname, '../../agent/main.js');
/** An agent that dies is started again after this. */
const restartAfter = 2_000;

export interface NodeAgent {
  readonly nodeId: string;
  /** The child's, for those who measure it. */
  readonly pid: number | undefined;
  stop(): Promise<void>;
}

/**
 * Enrols this machine, unless it is a node of this Flotilla already, and runs its agent until it is stopped.
 * @param stateFolder the agent's
 * @throws Error when the agent could not be registered, or is not online within a minute
 */
export async function enrolThisMachine(context: Context, connection: Connection, stateFolder: string): Promise<NodeAgent> {
  const call = callAsService(context);
  const known = registeredAs(stateFolder);
  const isNode = known !== undefined && ((await call('DescribeInstanceInformation', { Filters: [{ Key: 'InstanceIds', Values: [known] }] })).InstanceInformationList ?? []).length > 0;
  const place = ['--state', stateFolder, '--endpoint', connection.endpoint, '--node-endpoint', connection.nodeEndpoint, '--s3-endpoint', connection.endpoint, '--ca', connection.caFile];
  if (!isNode) {
    const activation = await call('CreateActivation', { IamRole: 'service-role/FlotillaNode', DefaultInstanceName: 'this-machine', Description: 'The machine that Flotilla runs on' });
    await runToEnd(['register', '-y', '--region', context.region, '--id', activation.ActivationId!, '--code', activation.ActivationCode!, ...place]);
  }
  const nodeId = registeredAs(stateFolder)!;
  const child = await supervise(['run', '--replace', '--log-level', 'warn', ...place], (line) => context.log.warn('agent', { line }));
  return { nodeId, ...child };
}

function registeredAs(stateFolder: string): string | undefined {
  const file = path.join(stateFolder, 'registration.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { nodeId: string }).nodeId : undefined;
}

function startAgent(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, ['--disable-warning=ExperimentalWarning', agentProgram, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
}

function runToEnd(args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = startAgent(args);
    let said = '';
    child.stderr!.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.stdout!.resume();
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(said.trim() || `the agent ended with ${code}`))));
  });
}

/** Resolves when the agent says that it is online. */
async function supervise(args: readonly string[], log: (line: string) => void): Promise<Pick<NodeAgent, 'pid' | 'stop'>> {
  let child: ChildProcess;
  let stopped = false;
  let restart: NodeJS.Timeout | undefined;
  const start = (online?: () => void): void => {
    child = startAgent(args);
    createInterface({ input: child.stdout! }).on('line', (line) => {
      if (line.endsWith(' online')) online?.();
    });
    createInterface({ input: child.stderr! }).on('line', log);
    child.once('error', (error) => log(error.message));
    child.once('close', () => {
      if (!stopped) restart = setTimeout(() => start(), restartAfter);
    });
  };
  await new Promise<void>((resolve, reject) => {
    const tooLate = setTimeout(() => reject(new Error('the agent did not come online within a minute')), 60_000);
    start(() => {
      clearTimeout(tooLate);
      resolve();
    });
  });
  return {
    get pid() {
      return child.pid;
    },
    stop: async () => {
      stopped = true;
      clearTimeout(restart);
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGTERM');
      const tooLong = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await ended;
      clearTimeout(tooLong);
    },
  };
}
