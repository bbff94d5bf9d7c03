/**
 * What a fleet costs: simulated nodes from a second process register and connect, one command goes to all of them
 * by their tag, and then nothing happens for a while.
 *
 *   npm run bench -- fleet [NODES [SECONDS OF REST [options of simulate: --plain, --lost 10% …]]]
 */
import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ListCommandInvocationsCommand,
  ListCommandsCommand,
  SendCommandCommand,
  type Command,
} from '@aws-sdk/client-ssm';
import { clientOf, eventually, startServer } from '../support/flotilla-process.ts';
import { temporaryFolder } from '../support/state.ts';

const [count = 10_000, rest = 60] = process.argv.slice(2, 4).map(Number);
const options = process.argv.slice(4);
const patience = 300_000;

/** Seconds of processor time that a process has spent, and its resident bytes. */
function costOf(pid: number): { readonly cpu: number; readonly rss: number } {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
  // The kernel's ticks are hundredths of a second, its pages 4 KiB.
  return { cpu: (Number(fields[11]) + Number(fields[12])) / 100, rss: pages * 4096 };
}

const mib = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1)} s`;

const { folder, remove } = temporaryFolder();
const data = path.join(folder, 'data');
const server = await startServer(data, 0, path.join(folder, 'events'));
const client = clientOf(server.connection);
const before = costOf(server.pid);
const begun = performance.now();
const fleet = fork(
  path.resolve(import.meta.dirname, '../../simulate/main.ts'),
  ['--nodes', String(count), '--activations', '10', '--data', data, ...options],
  { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] },
);
const counts: Record<string, number> = {};
fleet.on('message', (message) => Object.assign(counts, message));
try {
  await eventually('registration', () => ((counts['registered'] ?? 0) >= count ? true : undefined), patience);
  console.log(`${count} nodes registered in ${seconds(begun)}`);
  await eventually('connection', () => ((counts['connected'] ?? 0) >= count ? true : undefined), patience);
  console.log(
    `registered and connected in ${seconds(begun)}, ${(costOf(server.pid).cpu - before.cpu).toFixed(1)} s of the server's processor time`,
  );
  await sleep(5_000);
  const connected = costOf(server.pid);
  console.log(`with ${count} connections ${mib(connected.rss)} resident (${mib(before.rss)} before)`);

  let most = 0;
  const watch = setInterval(() => (most = Math.max(most, costOf(server.pid).rss)), 50);
  const sent = performance.now();
  const { Command: command } = await client.send(
    new SendCommandCommand({
      DocumentName: 'AWS-RunShellScript',
      Targets: [{ Key: 'tag:fleet', Values: ['simulated'] }],
      MaxConcurrency: '100%',
      MaxErrors: '100%',
      Parameters: { commands: ['uptime'] },
    }),
  );
  const CommandId = command!.CommandId!;
  const isOver = ({ Status }: Command): boolean => Status !== 'Pending' && Status !== 'InProgress';
  const ended = await eventually(
    'the end of the command',
    async () => (await client.send(new ListCommandsCommand({ CommandId }))).Commands?.find(isOver),
    patience,
  );
  const took = seconds(sent);
  clearInterval(watch);
  console.log(
    `a command to all of them: ${ended.Status} of ${ended.TargetCount} (${ended.CompletedCount} completed, ${ended.ErrorCount} errors) in ${took}, ${(costOf(server.pid).cpu - connected.cpu).toFixed(1)} s of processor time, at most ${mib(most - connected.rss)} more resident`,
  );
  console.log(
    `results: ${JSON.stringify(await results(CommandId))}; ${counts['taken']} commands taken, ${counts['again']} sent again`,
  );

  await sleep(5_000);
  const quiet = costOf(server.pid);
  await sleep(rest * 1_000);
  console.log(
    `at rest: ${((100 * (costOf(server.pid).cpu - quiet.cpu)) / rest).toFixed(1)} % of a core over ${rest} s`,
  );
} finally {
  fleet.kill();
  await server.kill('SIGTERM');
  remove();
}

/** Every invocation read back: how many have which status, and how many carry their own node's output. */
async function results(CommandId: string): Promise<Record<string, number>> {
  const found: Record<string, number> = { own: 0 };
  let NextToken: string | undefined;
  do {
    const page = await client.send(new ListCommandInvocationsCommand({ CommandId, Details: true, NextToken }));
    for (const { InstanceId, Status = '', CommandPlugins } of page.CommandInvocations ?? []) {
      found[Status] = (found[Status] ?? 0) + 1;
      if (CommandPlugins?.[0]?.Output?.includes(`simulated on ${InstanceId}\n`)) found['own']!++;
    }
    NextToken = page.NextToken;
  } while (NextToken !== undefined && NextToken !== '');
  return found;
}
