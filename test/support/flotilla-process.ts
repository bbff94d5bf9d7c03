/**
 * Flotilla in a process of its own, for tests that kill it. Started by `startServer`; run as a program it is the
 * server: `node test/support/flotilla-process.ts DATA PORT EVENTS [TYPES]`, where a recording route appends every
 * event it is given to the file EVENTS: those of nodes and commands, or of the detail-types that are given as JSON.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { SSMClient } from '@aws-sdk/client-ssm';
import { jsonLog } from '../../core/log.ts';
import type { EventBridgeEvent } from '../../core/events.ts';
import type { Connection } from '../../local/connection-file.ts';
import { startFlotilla } from '../../local/flotilla.ts';

const recordedTypes = [
  'EC2 Command Status-change Notification',
  'EC2 Command Invocation Status-change Notification',
  'SSM Managed Instance Registration',
];

if (process.argv[1] === import.meta.filename) await serve();

async function serve(): Promise<void> {
  const [data = '', port = '0', events = '', types] = process.argv.slice(2);
  const detailTypes = types === undefined ? recordedTypes : (JSON.parse(types) as string[]);
  // A kill in the middle of a write leaves part of a line (at a page's boundary): the event that comes again would be
  // lost behind it.
  if (existsSync(events)) appendFileSync(events, '\n');
  const flotilla = await startFlotilla({
    data,
    port: Number(port),
    host: '127.0.0.1',
    awsQuotas: false,
    log: jsonLog((line) => process.stderr.write(line), 'warn'),
    routes: [
      {
        name: 'recording',
        on: { detailTypes },
        handler: async (event) => appendFileSync(events, `${JSON.stringify(event)}\n`),
      },
    ],
  });
  process.stdout.write(`${JSON.stringify(flotilla.connection)}\n`);
  process.once('SIGTERM', () => void flotilla.stop().then(() => process.exit(0)));
}

export interface ServerProcess {
  readonly connection: Connection;
  readonly pid: number;
  /** What it has written to stderr. */
  readonly log: string[];
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
}

/** Resolves when it answers. */
export async function startServer(
  data: string,
  port: number,
  events: string,
  types?: readonly string[],
): Promise<ServerProcess> {
  const child = spawn(
    process.execPath,
    [import.meta.filename, data, String(port), events, ...(types === undefined ? [] : [JSON.stringify(types)])],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const log: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => log.push(line));
  const connection = await new Promise<Connection>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', (line) => resolve(JSON.parse(line) as Connection));
    child.once('close', (code) => reject(new Error(`the server ended with ${code}: ${log.join('\n')}`)));
  });
  return { connection, pid: child.pid!, log, kill: (signal) => end(child, signal) };
}

export interface AgentProcess {
  readonly nodeId: string;
  readonly stateFolder: string;
  readonly pid: number;
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
}

const agentProgram = path.resolve(import.meta.dirname, '../../agent/main.js');

/** Registers a node, with an activation of its own, and runs its agent. Resolves when it is online. */
export async function startAgent(
  client: SSMClient,
  connection: Connection,
  stateFolder: string,
  environment: NodeJS.ProcessEnv = {},
): Promise<AgentProcess> {
  const { CreateActivationCommand } = await import('@aws-sdk/client-ssm');
  if (!existsSync(path.join(stateFolder, 'registration.json'))) {
    const activation = await client.send(new CreateActivationCommand({ IamRole: 'role' }));
    const args = [
      'register',
      '--id',
      activation.ActivationId!,
      '--code',
      activation.ActivationCode!,
      '--region',
      connection.region,
      '--endpoint',
      connection.endpoint,
      '--node-endpoint',
      connection.nodeEndpoint,
      '--ca',
      connection.caFile,
      '--state',
      stateFolder,
    ];
    await new Promise<void>((resolve, reject) => {
      const child = spawn(process.execPath, [agentProgram, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
      let said = '';
      child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
      child.once('close', (code) =>
        code === 0 ? resolve() : reject(new Error(`register ended with ${code}: ${said}`)),
      );
    });
  }
  const { nodeId } = JSON.parse(readFileSync(path.join(stateFolder, 'registration.json'), 'utf8')) as {
    nodeId: string;
  };
  const child = spawn(process.execPath, [agentProgram, 'run', '--state', stateFolder, '--log-level', 'error'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  });
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', () => resolve());
    child.once('close', (code) => reject(new Error(`the agent ended with ${code}`)));
  });
  return { nodeId, stateFolder, pid: child.pid!, kill: (signal) => end(child, signal) };
}

function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  child.kill(signal);
  return closed;
}

export function clientOf(connection: Connection, maxAttempts = 1): SSMClient {
  return new SSMClient({
    endpoint: connection.endpoint,
    region: connection.region,
    credentials: connection,
    maxAttempts,
  });
}

/** The events a recording route was given. */
export function recordedEvents(file: string): EventBridgeEvent<Record<string, string>>[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as EventBridgeEvent<Record<string, string>>];
      } catch {
        // A line that a kill cut short: the event is delivered again.
        return [];
      }
    });
}

/** Asks until the answer is there. @throws Error after `milliseconds` */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
  milliseconds = 120_000,
): Promise<T> {
  const endTime = Date.now() + milliseconds;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > endTime) throw new Error(`${what} did not happen within ${milliseconds} ms`);
    await sleep(50);
  }
}
