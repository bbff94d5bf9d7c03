/**
 * kill -9 of the agent under load, twenty times: every command that was accepted reaches an end, none runs twice, and
 * what
 * says Success has run.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { GetCommandInvocationCommand, SendCommandCommand } from '@aws-sdk/client-ssm';
import { expect, test } from 'vitest';
import { clientOf, eventually, startAgent, startServer } from '../support/flotilla-process.ts';
import { temporaryFolder } from '../support/state.ts';

const kills = 20;
const commandsEach = 6;

test('twenty kills: nothing runs twice, everything ends', async () => {
  const { folder, remove } = temporaryFolder();
  const server = await startServer(path.join(folder, 'data'), 0, path.join(folder, 'events'));
  const client = clientOf(server.connection, 3);
  let agent = await startAgent(client, server.connection, path.join(folder, 'agent'));
  const { nodeId } = agent;
  const runs = path.join(folder, 'runs');
  const ids: string[] = [];
  try {
    for (let kill = 0; kill < kills; kill++) {
      for (let place = 0; place < commandsEach; place++) {
        const name = ids.length;
        // A line when it begins and one when it ends: each of one write, so that none is torn.
        const { Command } = await client.send(
          new SendCommandCommand({
            DocumentName: 'AWS-RunShellScript',
            InstanceIds: [nodeId],
            Parameters: {
              commands: [`echo "begin ${name}" >> ${runs}`, `sleep 0.${place}`, `echo "end ${name}" >> ${runs}`],
            },
          }),
        );
        ids.push(Command!.CommandId!);
      }
      // At another moment each time: while they are taken, run, reported, acknowledged.
      await new Promise((resolve) => setTimeout(resolve, (kill * 37) % 700));
      await agent.kill('SIGKILL');
      agent = await startAgent(client, server.connection, agent.stateFolder);
    }
    const ends = new Map<string, string>();
    for (const CommandId of ids) {
      const status = await eventually(
        `the end of ${CommandId}`,
        async () => {
          const { Status } = await client.send(new GetCommandInvocationCommand({ CommandId, InstanceId: nodeId }));
          return Status === 'Success' || Status === 'Failed'
            ? Status
            : Status === 'Pending' || Status === 'InProgress' || Status === 'Delayed'
              ? undefined
              : `unexpected: ${Status}`;
        },
        120_000,
      );
      ends.set(CommandId, status);
    }
    const lines = existsSync(runs)
      ? readFileSync(runs, 'utf8')
          .split('\n')
          .filter((line) => line !== '')
      : [];
    const count = (line: string): number => lines.filter((one) => one === line).length;
    const counts = { Success: 0, Failed: 0 };
    for (const [name, id] of ids.entries()) {
      expect(count(`begin ${name}`), `runs of ${name}`).toBeLessThanOrEqual(1);
      if (ends.get(id) === 'Success') expect(count(`end ${name}`), `ends of ${name}, which says Success`).toBe(1);
      counts[ends.get(id) as keyof typeof counts]++;
    }
    expect(counts.Success + counts.Failed).toBe(kills * commandsEach);
    // A test in which nothing was cut off, or all was, would show nothing.
    expect(counts.Success).toBeGreaterThan(0);
    expect(counts.Failed).toBeGreaterThan(0);
  } finally {
    await agent.kill('SIGTERM');
    await server.kill('SIGTERM');
    remove();
  }
});
