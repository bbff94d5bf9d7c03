/** `npm start`: Flotilla on this machine, with this machine as its first node. */
import path from 'node:path';
import { jsonLog } from '../../core/log.ts';
import { connectionFile, writeConnection, type Connection } from '../connection-file.ts';
import { startFlotilla, type Flotilla } from '../flotilla.ts';
import { parseOptions, usage, UsageError, type StartOptions } from '../options.ts';
import { StartRefused } from '../start-refused.ts';
import { callAsService } from './call-as-service.ts';
import { stopOnSignals } from './signals.ts';
import { summary, type SeenNode } from './summary.ts';

/** The exit codes of `--once`. */
const exitCodes = { well: 0, failed: 1, unreachable: 3 } as const;

interface Look {
  readonly node: SeenNode | undefined;
  readonly exitCode: number;
}

/** @param onReady called when Flotilla answers requests */
export async function main(onReady: () => void): Promise<void> {
  // The reader of our output may end (`npm start
  //  head`); nodes and their commands must not end with it.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  try {
    await start(onReady);
  } catch (error) {
    if (error instanceof StartRefused) {
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
  const flotilla = await startFlotilla({
    ...options,
    log: jsonLog((line) => process.stderr.write(line), options.logLevel),
  });
  const { connection, context } = flotilla;
  if (options.readyFile !== undefined) writeReadyFile(path.resolve(options.readyFile), connection);
  say(`Flotilla answers at ${connection.endpoint}\n\n`);
  onReady();

  const ending: (() => Promise<void>)[] = [() => flotilla.stop()];
  const stopping = stopOnSignals(
    async () => {
      for (const end of ending.reverse()) await end();
    },
    options.once ? () => undefined : say,
  );

  let look: Look;
  try {
    look = await lookAtThisMachine(flotilla, options, (end) => ending.push(end));
  } catch (error) {
    // It was stopped meanwhile, which is no failure.
    if (!stopping.begun) context.log.error('this machine could not be looked at', { error });
    return stopping.stop(exitCodes.failed);
  }
  if (stopping.begun) return;
  const secretFile = flotilla.isNewKey ? undefined : connectionFile(options.data);
  say(`\n${summary(connection, secretFile, look.node)}\n`);
  if (options.once) return stopping.stop(look.exitCode);
  say('Running; Ctrl-C stops it.\n');
  context.log.info('running');
}

/**
 * Enrols this machine, collects its inventory and scans it. A part that fails is reported, and the next one is tried.
 */
async function lookAtThisMachine(
  flotilla: Flotilla,
  options: StartOptions,
  atEnd: (end: () => Promise<void>) => void,
): Promise<Look> {
  if (!options.agent) return { node: undefined, exitCode: exitCodes.well };
  const { context, connection } = flotilla;
  const troubles: string[] = [];
  let exitCode: number = exitCodes.well;
  const trouble = (part: string, error: unknown): undefined => {
    troubles.push(`${part}: ${error instanceof Error ? error.message : String(error)}`);
    exitCode = exitCodes.failed;
    return undefined;
  };
  // Loaded here, because a server without its own node does not need it.
  const [{ AgentProcess }, { enrolThisMachine }, { collectInventory, scanPatches }] = await Promise.all([
    import('./agent-process.ts'),
    import('./this-machine.ts'),
    import('./look-at-this-machine.ts'),
  ]);
  const agent = new AgentProcess((line) => context.log.warn('agent', { line }));
  atEnd(() => agent.stop());

  const nodeId = await step('Enrolling this machine', () =>
    enrolThisMachine(agent, context, connection, path.join(options.data, 'agent')),
  ).catch((error: unknown) => trouble('enrolling', error));
  if (nodeId === undefined)
    return { node: { nodeId: '(none)', computerName: '', platform: '', agentVersion: '', troubles }, exitCode };
  const inventory = await step('Collecting its inventory', () => collectInventory(context, nodeId)).catch(
    (error: unknown) => trouble('inventory', error),
  );
  const scan = await step('Scanning for missing patches', () => scanPatches(context, nodeId)).catch((error: unknown) =>
    trouble('patch scan', error),
  );
  if (scan?.kind === 'failed') trouble('patch scan', scan.reason);
  if (scan?.kind === 'unreachable') {
    const named = scan.repositories === undefined ? '' : ` (${scan.repositories})`;
    troubles.push(`package repositories could not be reached${named}: patches are not known`);
    if (exitCode === exitCodes.well) exitCode = exitCodes.unreachable;
  }
  const information = (
    await callAsService(context)('DescribeInstanceInformation', { Filters: [{ Key: 'InstanceIds', Values: [nodeId] }] })
  ).InstanceInformationList?.[0];
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

/** Prints a step and how long it took. */
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

/** @throws UsageError */
function writeReadyFile(file: string, connection: Connection): void {
  try {
    writeConnection(file, connection);
  } catch (error) {
    throw new UsageError(
      `--ready-file ${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}

function say(text: string): void {
  process.stdout.write(text);
}
