/**
 * The agent's disk is full: nothing is run that is not written down; when there is room it goes on. A small tmpfs,
 * where mounts are allowed.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { GetCommandInvocationCommand, SendCommandCommand } from '@aws-sdk/client-ssm';
import { expect, test } from 'vitest';
import { clientOf, eventually, startAgent, startServer } from '../support/flotilla-process.ts';
import { temporaryFolder } from '../support/state.ts';

const { folder, remove } = temporaryFolder();
const disk = path.join(folder, 'disk');
mkdirSync(disk);
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk]).status === 0;
if (!mounted) remove();

test.skipIf(!mounted)(`a full disk of the agent${mounted ? '' : ' (skipped: no mounts here)'}`, async () => {
  const server = await startServer(path.join(folder, 'data'), 0, path.join(folder, 'events'));
  const client = clientOf(server.connection, 3);
  const agent = await startAgent(client, server.connection, path.join(disk, 'agent'));
  const ballast = path.join(disk, 'ballast');
  const fill = (): void => {
    const { bavail, bsize } = statfsSync(disk);
    writeFileSync(ballast, Buffer.alloc(bavail * bsize), { flag: 'a' });
  };
  const send = async (commands: string[]): Promise<string> =>
    (
      await client.send(
        new SendCommandCommand({
          DocumentName: 'AWS-RunShellScript',
          InstanceIds: [agent.nodeId],
          Parameters: { commands },
        }),
      )
    ).Command!.CommandId!;
  const get = (CommandId: string) =>
    client.send(new GetCommandInvocationCommand({ CommandId, InstanceId: agent.nodeId }));
  const end = (id: string) =>
    eventually(
      'the end',
      async () => (['Pending', 'InProgress', 'Delayed'].includes((await get(id)).Status!) ? undefined : get(id)),
      60_000,
    );
  try {
    const runs = path.join(folder, 'runs');
    const go = path.join(folder, 'go');
    // One runs while the disk fills up under it: its real result comes through.
    const running = await send([`while [ ! -e ${go} ]; do sleep 0.1; done`, 'exit 7']);
    await eventually('the first to run', async () => ((await get(running)).Status === 'InProgress' ? true : undefined));
    fill();
    writeFileSync(go, '');
    expect(await end(running)).toMatchObject({ Status: 'Failed', ResponseCode: 7 });

    fill();
    const waiting = await send([`echo run >> ${runs}`]);
    await eventually('the second to be put off', async () =>
      (await get(waiting)).StatusDetails === 'Delayed' ? true : undefined,
    );
    expect(existsSync(runs)).toBe(false);
    rmSync(ballast);
    expect(await end(waiting)).toMatchObject({ Status: 'Success' });
    expect(readFileSync(runs, 'utf8')).toBe('run\n');
  } finally {
    await agent.kill('SIGTERM');
    await server.kill('SIGTERM');
    execFileSync('umount', [disk]);
    remove();
  }
});
