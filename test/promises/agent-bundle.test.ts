/** The agent as one file, on the Node that a node has: made, registered and run against a real server. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { CreateActivationCommand, GetCommandInvocationCommand, SendCommandCommand } from '@aws-sdk/client-ssm';
import { expect, test } from 'vitest';
import { agentVersion } from '../../agent/version.ts';
import { buildAgent } from '../../scripts/build-agent.ts';
import { clientOf, eventually, startServer } from '../support/flotilla-process.ts';
import { temporaryFolder } from '../support/state.ts';

/** A Node 20 or 22 of the system's; ours is newer. */
const oldNode = [
  '/usr/local/bin/node',
  '/usr/bin/node',
  ...(process.env.PATH ?? '').split(':').map((folder) => path.join(folder, 'node')),
].find((node) => existsSync(node) && /^v2[02]\./.test(spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout));

test.skipIf(oldNode === undefined)('registers, runs a command and stops cleanly on Node 20', async () => {
  const { folder, remove } = temporaryFolder();
  const server = await startServer(path.join(folder, 'data'), 0, path.join(folder, 'events'));
  try {
    const { file } = await buildAgent(path.join(folder, 'flotilla-agent.mjs'));
    const run = (...args: string[]): string =>
      execFileSync(oldNode!, [file, ...args], { encoding: 'utf8', cwd: folder });
    expect(run('--version')).toBe(`${agentVersion}\n`);
    const { connection } = server;
    const client = clientOf(connection, 3);
    const { ActivationId, ActivationCode } = await client.send(new CreateActivationCommand({ IamRole: 'role' }));
    // The CA named from where the command is given, as people do; the service runs elsewhere.
    const place = [
      '--state',
      'state',
      '--endpoint',
      connection.endpoint,
      '--node-endpoint',
      connection.nodeEndpoint,
      '--ca',
      path.relative(folder, connection.caFile),
    ];
    const nodeId = run('register', '--id', ActivationId!, '--code', ActivationCode!, ...place).trim();
    expect(nodeId).toMatch(/^mi-[0-9a-f]{17}$/);

    const child = spawn(oldNode!, [file, 'run', '--state', path.join(folder, 'state'), '--log-level', 'warn'], {
      stdio: ['ignore', 'pipe', 'inherit'],
      cwd: '/',
    });
    try {
      expect(await new Promise((resolve) => createInterface({ input: child.stdout }).once('line', resolve))).toBe(
        `${nodeId} online`,
      );
      const second = spawnSync(oldNode!, [file, 'run', '--state', path.join(folder, 'state')], { encoding: 'utf8' });
      expect(second).toMatchObject({ status: 1, stderr: expect.stringMatching(/runs on .* already/) as string });
      const { Command } = await client.send(
        new SendCommandCommand({
          DocumentName: 'AWS-RunShellScript',
          InstanceIds: [nodeId],
          Parameters: { commands: ['echo from node 20'] },
        }),
      );
      const invocation = await eventually('the end', async () => {
        const one = await client.send(
          new GetCommandInvocationCommand({ CommandId: Command!.CommandId, InstanceId: nodeId }),
        );
        return one.Status === 'Success' || one.Status === 'Failed' ? one : undefined;
      });
      expect(invocation.StandardOutputContent).toBe('from node 20\n');
    } finally {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      expect(await ended).toBe(0);
    }
  } finally {
    await server.kill('SIGTERM');
    remove();
  }
});
