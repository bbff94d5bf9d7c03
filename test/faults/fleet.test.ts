/**
 * A command to ten thousand nodes while everything goes wrong that may: a tenth of the replies comes twice, a
 * tenth is lost with its connection, all are late, and Flotilla is killed and started again in the middle.
 */
import { fork, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import {
  ListCommandInvocationsCommand,
  ListCommandsCommand,
  SendCommandCommand,
  type Command,
} from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clientOf, eventually, startServer, type ServerProcess } from '../support/flotilla-process.ts';
import { temporaryFolder } from '../support/state.ts';

const nodes = 10_000;
const patience = 900_000;

const { folder, remove } = temporaryFolder();
const data = path.join(folder, 'data');
const events = path.join(folder, 'events.jsonl');
const counts: Record<string, number> = {};
let server: ServerProcess;
let fleet: ChildProcess;

beforeAll(async () => {
  server = await startServer(data, 0, events);
  fleet = fork(
    path.resolve(import.meta.dirname, '../../simulate/main.ts'),
    [
      '--nodes',
      String(nodes),
      '--activations',
      '10',
      '--plain',
      '--doubled',
      '10%',
      '--lost',
      '10%',
      '--late',
      '3000',
      '--data',
      data,
    ],
    { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] },
  );
  fleet.on('message', (message) => Object.assign(counts, message));
  await eventually('every control channel', () => (counts['connected'] === nodes ? true : undefined), patience);
}, 2 * patience);

afterAll(async () => {
  fleet.kill();
  await server.kill('SIGTERM');
  remove();
});

test(`every one of ${nodes} nodes runs the command once, and its result is kept`, async () => {
  const client = clientOf(server.connection);
  const { Command: sent } = await client.send(
    new SendCommandCommand({
      DocumentName: 'AWS-RunShellScript',
      Targets: [{ Key: 'tag:fleet', Values: ['simulated'] }],
      MaxConcurrency: '100%',
      Parameters: { commands: ['uptime'] },
    }),
  );
  const CommandId = sent!.CommandId!;
  await eventually(
    'the middle of the command',
    () => ((counts['acknowledged'] ?? 0) > nodes / 10 ? true : undefined),
    patience,
  );
  await server.kill('SIGKILL');
  expect(counts['acknowledged']).toBeLessThan(nodes);
  server = await startServer(data, Number(new URL(server.connection.endpoint).port), events);

  const ended = await eventually(
    'the end of the command',
    async () => (await clientOf(server.connection).send(new ListCommandsCommand({ CommandId }))).Commands?.find(isOver),
    patience,
  );
  expect(ended).toMatchObject({ Status: 'Success', TargetCount: nodes, CompletedCount: nodes, ErrorCount: 0 });
  expect(await nodesWithTheirOwnOutput(CommandId)).toBe(nodes);
  await eventually('the last counts', () => (counts['acknowledged'] === nodes ? true : undefined), patience);
  expect(counts['taken']).toBe(nodes);
}, 1_800_000);

function isOver({ Status }: Command): boolean {
  return Status !== 'Pending' && Status !== 'InProgress';
}

async function nodesWithTheirOwnOutput(CommandId: string): Promise<number> {
  const client = clientOf(server.connection);
  const found = new Set<string>();
  let NextToken: string | undefined;
  do {
    const page = await client.send(new ListCommandInvocationsCommand({ CommandId, Details: true, NextToken }));
    for (const { InstanceId, Status, CommandPlugins } of page.CommandInvocations ?? [])
      if (Status === 'Success' && CommandPlugins?.[0]?.Output === `simulated on ${InstanceId}\n`)
        found.add(InstanceId!);
    NextToken = page.NextToken;
  } while (NextToken);
  return found.size;
}
