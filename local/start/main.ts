/** What `npm start` does: Flotilla on this machine, with this machine as its first node. */
import path from 'node:path';
import { jsonLog } from '../../core/log.ts';
import { writeConnection } from '../connection-file.ts';
import { startFlotilla, type Flotilla } from '../flotilla.ts';
import { KeyFileError } from '../key-file.ts';
import { ListenError } from '../listener.ts';
import { parseOptions, usage, UsageError, type StartOptions } from '../options.ts';
import { FolderInUse } from '../sqlite-state.ts';
import { callAsService } from './call-as-service.ts';
import type { NodeAgent } from './this-machine.ts';
import { summary, type SeenNode } from './summary.ts';

/** What `--once` ends with; and a shell's number for a program that SIGINT ended. */
const exitCodes = { well: 0, failed: 1, unreachable: 3, interrupted: 130 } as const;

/** Milliseconds: npm hands a Ctrl-C on to a program that has had it from the terminal already. A person presses later. */
const impatience = 500;

interface Look {
  readonly node: SeenNode | undefined;
  readonly exitCode: number;
}

/** @param onReady called when Flotilla answers */
export async function main(onReady: () => void): Promise<void> {
  try {
    await start(onReady);
  } catch (error) {
    if (error instanceof UsageError || error instanceof ListenError || error instanceof FolderInUse || error instanceof KeyFileError) {
      process.stderr.write(`${error.message}\n`);
      process.exit(2);
    }
    process.stderr.write(`Flotilla could not start: ${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  }
}

async function start(onReady: () => void): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') return void process.stdout.write(usage);
  const flotilla = await startFlotilla({ ...options, log: jsonLog((line) => process.stderr.write(line), options.logLevel) });
  const { connection, context } = flotilla;
  if (options.readyFile !== undefined) writeConnection(path.resolve(options.readyFile), connection);
  say(`Flotilla answers at ${connection.endpoint}\n\n`);
  onReady();

  let agent: NodeAgent | undefined;
  const stopping = new AbortController();
  let stoppedAt = Infinity;
  const stop = async (exitCode: number): Promise<void> => {
    if (stopping.signal.aborted) return;
    stopping.abort();
    await agent?.stop();
    await flotilla.stop();
    process.exit(exitCode);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      // Nothing acknowledged is lost by it.
      if (performance.now() > stoppedAt + impatience) process.exit(exitCodes.interrupted);
      if (stopping.signal.aborted) return;
      stoppedAt = performance.now();
      if (!options.once) say('\nStopping; Ctrl-C again ends it at once.\n');
      void stop(exitCodes.well);
    });

  const look = await lookAtThisMachine(flotilla, options, (started) => (agent = started));
  if (stopping.signal.aborted) return;
  say(`\n${summary(connection, look.node)}\n`);
  if (options.once) return stop(look.exitCode);
  say('Running; Ctrl-C stops it.\n');
  context.log.info('running');
}

/** Enrols this machine, collects its inventory and scans it; each part that fails is told of, and the next one is tried. */
async function lookAtThisMachine(flotilla: Flotilla, options: StartOptions, onAgent: (agent: NodeAgent) => void): Promise<Look> {
  if (!options.agent) return { node: undefined, exitCode: exitCodes.well };
  const { context, connection } = flotilla;
  const troubles: string[] = [];
  let exitCode: number = exitCodes.well;
  const trouble = (part: string, error: unknown): undefined => {
    troubles.push(`${part}: ${error instanceof Error ? error.message : String(error)}`);
    exitCode = exitCodes.failed;
    return undefined;
  };
  // What a server alone does not need is loaded here.
  const [{ enrolThisMachine }, { collectInventory, scanPatches }] = await Promise.all([import('./this-machine.ts'), import('./look-at-this-machine.ts')]);

  const agent = await step('Enrolling this machine', () => enrolThisMachine(context, connection, path.join(options.data, 'agent')).then((one) => (onAgent(one), one))).catch((error: unknown) => trouble('enrolling', error));
  if (agent === undefined) return { node: { nodeId: '(none)', computerName: '', platform: '', agentVersion: '', troubles }, exitCode };
  const { nodeId } = agent;
  const inventory = await step('Collecting its inventory', () => collectInventory(context, nodeId)).catch((error: unknown) => trouble('inventory', error));
  const scan = await step('Scanning for missing patches', () => scanPatches(context, nodeId)).catch((error: unknown) => trouble('patch scan', error));
  if (scan?.kind === 'failed') trouble('patch scan', scan.reason);
  if (scan?.kind === 'unreachable') {
    troubles.push('the package repositories could not be reached: patches are not known');
    if (exitCode === exitCodes.well) exitCode = exitCodes.unreachable;
  }
  const information = (await callAsService(context)('DescribeInstanceInformation', { Filters: [{ Key: 'InstanceIds', Values: [nodeId] }] })).InstanceInformationList?.[0];
  return {
    exitCode,
    node: {
      nodeId,
      computerName: information?.ComputerName ?? '',
      platform: `${information?.PlatformName ?? ''} ${information?.PlatformVersion ?? ''}`.trim(),
      agentVersion: information?.AgentVersion ?? '',
      packages: inventory?.packages,
      patches: scan?.kind === 'scanned' ? scan.state : undefined,
      troubles,
    },
  };
}

/** Shows a step and how long it took. */
async function step<T>(name: string, work: () => Promise<T>): Promise<T> {
  say(`  ${name} … `);
  const began = performance.now();
  try {
    const result = await work();
    say(`${((performance.now() - began) / 1000).toFixed(1)} s\n`);
    return result;
  } catch (error) {
    say('failed\n');
    throw error;
  }
}

function say(text: string): void {
  process.stdout.write(text);
}
