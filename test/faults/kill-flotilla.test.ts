/**
 * kill -9 of Flotilla at any moment under load, 50 times over: nothing acknowledged is lost, every accepted
 * command ends with the node's real result, none runs twice, and every transition is told of.
 */
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetCommandInvocationCommand, ListCommandsCommand, SendCommandCommand } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  clientOf,
  eventually,
  recordedEvents,
  startAgent,
  startServer,
  type AgentProcess,
  type ServerProcess,
} from '../support/flotilla-process.ts';
import { temporaryFolder } from '../support/state.ts';

const kills = 50;
const senders = 4;

const { folder, remove } = temporaryFolder();
const data = path.join(folder, 'data');
const ran = path.join(folder, 'ran');
const events = path.join(folder, 'events.jsonl');
let server: ServerProcess;
const agents: AgentProcess[] = [];

beforeAll(async () => {
  mkdirSync(ran);
  server = await startServer(data, 0, events);
  for (const name of ['one', 'two', 'three'])
    agents.push(
      await startAgent(clientOf(server.connection, 5), server.connection, path.join(folder, `agent-${name}`)),
    );
});

afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.kill('SIGTERM')));
  await server.kill('SIGTERM');
  remove();
});

interface Accepted {
  readonly commandId: string;
  readonly nodeId: string;
  readonly mark: string;
}

test(`${kills} kills under load`, async () => {
  const accepted: Accepted[] = [];
  const port = Number(new URL(server.connection.endpoint).port);
  const client = clientOf(server.connection);
  let sending = true;
  let next = 0;
  const sender = async (): Promise<void> => {
    while (sending) {
      const mark = `mark-${next++}`;
      const { nodeId } = agents[next % agents.length]!;
      // Each run leaves a file that tells runs apart: two of one mark are one command run twice.
      const script = `echo ${mark}; touch "${ran}/${mark}.$$.$(date +%N)"; exit $((${next} % 3))`;
      try {
        const { Command } = await client.send(
          new SendCommandCommand({
            DocumentName: 'AWS-RunShellScript',
            InstanceIds: [nodeId],
            Parameters: { commands: [script] },
          }),
        );
        accepted.push({ commandId: Command!.CommandId!, nodeId, mark });
      } catch {
        // Not acknowledged: it may have been accepted or not.
        await sleep(20);
      }
      await sleep(25);
    }
  };
  const work = Array.from({ length: senders }, sender);
  for (let kill = 0; kill < kills; kill++) {
    await sleep(100 + Math.random() * 900);
    await server.kill('SIGKILL');
    server = await startServer(data, port, events);
  }
  sending = false;
  await Promise.all(work);
  expect(accepted.length).toBeGreaterThan(kills);

  const results = new Map<string, string>();
  for (const { commandId, nodeId, mark } of accepted) {
    const end = await eventually(
      `the end of ${mark}`,
      async () => {
        const invocation = await client.send(
          new GetCommandInvocationCommand({ CommandId: commandId, InstanceId: nodeId }),
        );
        return ['Pending', 'InProgress', 'Delayed'].includes(invocation.Status!) ? undefined : invocation;
      },
      120_000,
    );
    const code = (Number(mark.slice('mark-'.length)) + 1) % 3;
    expect(end).toMatchObject({
      Status: code === 0 ? 'Success' : 'Failed',
      ResponseCode: code,
      StandardOutputContent: `${mark}\n`,
    });
    results.set(commandId, end.Status!);
  }

  const runs = Map.groupBy(readdirSync(ran), (file) => file.split('.')[0]!);
  for (const { mark } of accepted) expect(runs.get(mark), mark).toHaveLength(1);
  // Those that were not acknowledged ran once or not at all.
  for (const [mark, files] of runs) expect(files, mark).toHaveLength(1);

  // Commands end as their invocations did.
  for (const { commandId } of accepted)
    await eventually(`the end of command ${commandId}`, async () => {
      const { Commands } = await client.send(new ListCommandsCommand({ CommandId: commandId }));
      return Commands![0]!.Status === results.get(commandId) ? true : undefined;
    });

  const expected = accepted.flatMap(({ commandId }) =>
    ['Invocation', 'Command'].flatMap((kind) =>
      ['InProgress', results.get(commandId)!].map((status) => `${kind} ${commandId} ${status}`),
    ),
  );
  const seen = () =>
    new Set(
      recordedEvents(events).flatMap((event) =>
        event.detail['command-id'] === undefined
          ? []
          : [
              `${event['detail-type'].includes('Invocation') ? 'Invocation' : 'Command'} ${event.detail['command-id']} ${event.detail.status}`,
            ],
      ),
    );
  const missing = (): string[] => {
    const now = seen();
    return expected.filter((one) => !now.has(one));
  };
  await eventually('every transition', () => (missing().length === 0 ? true : undefined), 60_000).catch(() =>
    expect(missing()).toEqual([]),
  );
  const told = seen();
  const real = new Set(expected);
  const ours = new Set(accepted.map(({ commandId }) => commandId));
  expect([...told].filter((one) => ours.has(one.split(' ')[1]!) && !real.has(one))).toEqual([]);
  expect(existsSync(path.join(data, 'state.db'))).toBe(true);
}, 600_000);
