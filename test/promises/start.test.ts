/** `npm start` as a newcomer runs it: a process, its output, its exit status. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import {
  DescribeInstanceInformationCommand,
  ListInventoryEntriesCommand,
  SendCommandCommand,
} from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Client } from '../../cli/client.ts';
import type { Connection } from '../../local/connection-file.ts';
import { flotilla } from '../support/flotilla-command.ts';
import { clientOf, eventually } from '../support/flotilla-process.ts';
import { temporaryFolder } from '../support/state.ts';

const program = path.resolve(import.meta.dirname, '../../local/start.js');

let folder: string;
let remove: () => void;
const running = new Set<ChildProcess>();

beforeEach(() => {
  ({ folder, remove } = temporaryFolder());
});
afterEach(async () => {
  await Promise.all([...running].map((child) => ended(child, 'SIGTERM')));
  remove();
});

interface Started {
  readonly child: ChildProcess;
  output: string;
  readonly exit: Promise<number | null>;
}

function start(...args: string[]): Started {
  const child = spawn(process.execPath, [program, '--port', '0', '--data', path.join(folder, 'data'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const started: Started = {
    child,
    output: '',
    exit: new Promise((resolve) =>
      child.once('close', (code) => {
        running.delete(child);
        resolve(code);
      }),
    ),
  };
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (started.output += chunk.toString()));
  return started;
}

function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('close', () => resolve());
    child.kill(signal);
  });
}

const readyFile = () => path.join(folder, 'ready.json');
const connectionOf = () =>
  eventually('the ready file', () =>
    existsSync(readyFile()) ? (JSON.parse(readFileSync(readyFile(), 'utf8')) as Connection) : undefined,
  );

describe('this machine', () => {
  test('is a node with a known inventory and a patch report after one run, and the run says so', async () => {
    const started = start('--once', '--ready-file', readyFile());
    const exit = await started.exit;
    // 3: everything worked, and only the package repositories could not be reached from here.
    expect([0, 3], started.output).toContain(exit);
    expect(started.output).toMatch(/Node +mi-[0-9a-f]{17} /);
    expect(started.output).toMatch(/Packages +\d+ known/);
    expect(started.output).toMatch(
      exit === 0 ? /Patches +(none|\d+) missing/ : /repositories could not be reached \(\S+ .+\)/,
    );
    expect(started.output).toMatch(/aws ssm describe-instance-information/);
    const connection = await connectionOf();
    expect(connection).toMatchObject({
      region: 'us-east-1',
      accountId: expect.stringMatching(/^\d{12}$/) as string,
      endpoint: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) as string,
      nodeEndpoint: expect.stringMatching(/^https:/) as string,
    });
    expect(statSync(readyFile()).mode & 0o777).toBe(0o600);
    expect(existsSync(connection.caFile)).toBe(true);
  });

  test('stays the same node over starts, and stops cleanly on Ctrl-C', async () => {
    const first = start('--ready-file', readyFile());
    await eventually('the summary', () => (first.output.includes('Ctrl-C stops it') ? true : undefined));
    const connection = await connectionOf();
    const client = clientOf(connection);
    const [node] = (await client.send(new DescribeInstanceInformationCommand({}))).InstanceInformationList!;
    expect(node).toMatchObject({ PingStatus: 'Online', PlatformType: 'Linux' });
    expect(
      (
        await client.send(
          new ListInventoryEntriesCommand({ InstanceId: node!.InstanceId, TypeName: 'AWS:InstanceInformation' }),
        )
      ).Entries,
    ).toHaveLength(1);
    first.child.kill('SIGINT');
    expect(await first.exit).toBe(0);

    const second = start('--once');
    await second.exit;
    expect(second.output).toContain(node!.InstanceId);
    expect(second.output).toContain(connection.accessKeyId);
  });

  test('takes work from admins only, unless it is shared; what is printed can be pasted', async () => {
    const first = start('--ready-file', readyFile());
    await eventually('the summary', () => (first.output.includes('Ctrl-C stops it') ? true : undefined));
    const connection = await connectionOf();
    // The secret lands in journals: once.
    expect(first.output).toContain(connection.secretAccessKey);
    const admin = clientOf(connection);
    const key = await new Client(connection).call<{ AccessKeyId: string; SecretAccessKey: string }>('POST', '/x/keys', {
      Name: 'ops',
      Role: 'operator',
    });
    const operator = { accessKeyId: key.AccessKeyId, secretAccessKey: key.SecretAccessKey };
    const [{ InstanceId }] = (await admin.send(new DescribeInstanceInformationCommand({}))).InstanceInformationList as [
      { InstanceId: string },
    ];
    const steal = {
      DocumentName: 'AWS-RunShellScript',
      InstanceIds: [InstanceId],
      Parameters: { commands: [`cat ${path.join(folder, 'data', 'connection.json')}`] },
    };
    await expect(clientOf({ ...connection, ...operator }).send(new SendCommandCommand(steal))).rejects.toThrow(
      /its agent runs on Flotilla's own machine .* --share-this-machine/,
    );
    const exec = /npx flotilla (exec \S+ -- uptime)/.exec(first.output)?.[1]?.split(' ') ?? [];
    const command = flotilla(connection, exec);
    expect(await command.ended, command.error).toBe(0);
    first.child.kill('SIGTERM');
    expect(await first.exit).toBe(0);

    rmSync(readyFile());
    const second = start('--share-this-machine', '--ready-file', readyFile());
    await eventually('the summary', () => (second.output.includes('Ctrl-C stops it') ? true : undefined));
    const again = await connectionOf();
    const { Command } = await clientOf({ ...again, ...operator }).send(new SendCommandCommand(steal));
    expect(Command!.Status).toBe('Pending');
    expect(second.output).not.toContain(connection.secretAccessKey);
    expect(second.output).toContain(path.join(folder, 'data', 'connection.json'));
    const line = /export AWS_ENDPOINT_URL.*/.exec(second.output)?.[0] ?? '';
    const pasted = execFileSync('sh', ['-c', `${line}; printf %s "$AWS_SECRET_ACCESS_KEY"`], { encoding: 'utf8' });
    expect(pasted).toBe(connection.secretAccessKey);
  });
});

describe('the server alone', () => {
  test('answers with its own key, and shows no node', async () => {
    const started = start(
      '--no-agent',
      '--ready-file',
      readyFile(),
      '--account',
      '210987654321',
      '--region',
      'eu-west-1',
    );
    const connection = await connectionOf();
    expect(connection).toMatchObject({ accountId: '210987654321', region: 'eu-west-1' });
    const client = clientOf(connection);
    expect((await client.send(new DescribeInstanceInformationCommand({}))).InstanceInformationList).toEqual([]);
    started.child.kill('SIGTERM');
    expect(await started.exit).toBe(0);
  });

  test('a signal that comes twice at once is one; a later one ends it at once, and nothing is broken by it', async () => {
    const started = start('--no-agent', '--ready-file', readyFile());
    const { endpoint, accessKeyId } = await connectionOf();
    // A request that does not end: a clean stop waits for it.
    const { hostname, port } = new URL(endpoint);
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    await new Promise<void>((resolve) =>
      socket.write('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n', () => resolve()),
    );
    started.child.kill('SIGINT');
    started.child.kill('SIGINT');
    await eventually('the stop', () => (started.output.includes('Stopping') ? true : undefined));
    expect(started.child.exitCode).toBeNull();
    await new Promise((resolve) => setTimeout(resolve, 700));
    started.child.kill('SIGINT');
    expect(await started.exit).toBe(130);
    socket.destroy();
    const second = start('--no-agent', '--once');
    expect(await second.exit).toBe(0);
    expect(second.output).toContain(accessKeyId);
  });

  test('refuses a folder that is in use, and says so', async () => {
    const first = start('--no-agent', '--ready-file', readyFile());
    await connectionOf();
    const second = start('--no-agent');
    expect(await second.exit).toBe(2);
    expect(second.output).toMatch(/is in use by another Flotilla/);
    first.child.kill('SIGTERM');
    await first.exit;
  });

  test('a folder that a kill -9 left is free', async () => {
    const first = start('--no-agent', '--ready-file', readyFile());
    const { accessKeyId } = await connectionOf();
    await ended(first.child, 'SIGKILL');
    const second = start('--no-agent', '--once');
    expect(await second.exit).toBe(0);
    expect(second.output).toContain(accessKeyId);
  });

  test('refuses a port that is taken, another account, and options it does not know', async () => {
    expect(await start('--no-agent', '--once', '--account', '111111111111').exit).toBe(0);
    const other = start('--no-agent', '--once', '--account', '222222222222');
    expect(await other.exit).toBe(2);
    expect(other.output).toMatch(/belongs to account 111111111111/);
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as { port: number };
    const onTaken = start('--no-agent', '--port', String(port));
    expect(await onTaken.exit).toBe(2);
    expect(onTaken.output).toMatch(new RegExp(`Port ${port} .* is taken`));
    taken.close();
    expect(await start('--nonsense').exit).toBe(2);
  });
});

describe('a data folder that cannot be used is refused in a sentence', () => {
  const data = () => path.join(folder, 'data');
  const refusal = async (...args: string[]): Promise<string> => {
    const started = start('--no-agent', '--once', ...args);
    expect(await started.exit, started.output).toBe(2);
    expect(started.output).not.toMatch(/\n +at /);
    return started.output;
  };

  test('a file in its place; one below a file', async () => {
    writeFileSync(data(), 'a file');
    expect(await refusal()).toMatch(/The data folder .*data cannot be used: it is not a folder/);
    expect(await refusal('--data', path.join(data(), 'below'))).toMatch(/it is not a folder/);
  });

  test('a state of a newer Flotilla, or one that is no database', async () => {
    expect(await start('--no-agent', '--once').exit).toBe(0);
    const state = new DatabaseSync(path.join(data(), 'state.db'));
    state.exec('PRAGMA user_version = 99');
    state.close();
    expect(await refusal()).toMatch(/was written by a newer Flotilla \(version 99; this one reads up to \d+\)/);
    writeFileSync(path.join(data(), 'state.db'), 'no database at all, and long enough to be looked at');
    expect(await refusal()).toMatch(/none of SQLite’s/);
  });

  test('a damaged connection or identity', async () => {
    expect(await start('--no-agent', '--once').exit).toBe(0);
    for (const name of ['connection.json', 'identity.json']) {
      writeFileSync(path.join(data(), name), '{');
      expect(await refusal()).toMatch(new RegExp(`${name} is damaged`));
    }
  });

  test('a ready file that cannot be written', async () => {
    expect(await refusal('--ready-file', path.join(folder, 'absent', 'ready.json'))).toMatch(
      /--ready-file .* cannot be written/,
    );
  });

  test.skipIf(process.getuid?.() === 0)('one that this user may not write', async () => {
    mkdirSync(data(), { mode: 0o500 });
    expect(await refusal()).toMatch(/this user may not read and write there/);
  });
});

describe('what holds secrets is its owner’s alone', () => {
  test('from the first start on, and again where a copy was put back for all to read', async () => {
    const data = path.join(folder, 'data');
    mkdirSync(data, { mode: 0o755 });
    const open = (): string[] =>
      (readdirSync(data, { recursive: true }) as string[]).filter(
        (name) => (statSync(path.join(data, name)).mode & 0o077) !== 0,
      );
    const first = start('--no-agent', '--ready-file', readyFile());
    await connectionOf();
    // The CA's certificate is for everybody who can get to it.
    expect(open().filter((name) => !/^tls\/.*\.pem$/.test(name))).toEqual([]);
    first.child.kill('SIGTERM');
    await first.exit;
    for (const name of ['state.db', 'key', 'lock.db', 'files/objects.db']) chmodSync(path.join(data, name), 0o644);
    expect(await start('--no-agent', '--once').exit).toBe(0);
    expect(open().filter((name) => !/^tls\/.*\.pem$/.test(name))).toEqual([]);
  });
});

describe('started by', () => {
  const root = path.resolve(import.meta.dirname, '../..');
  const isThere = (pid: number): boolean => existsSync(`/proc/${pid}`);
  /** Flotilla itself, under whatever started it: it is who listens. */
  const server = async (): Promise<number> => {
    const { endpoint } = await connectionOf();
    expect((await fetch(`${endpoint}/health`)).status).toBe(200);
    const lock = path.join(folder, 'data', 'lock.db');
    const holds = (pid: string): boolean => {
      try {
        return readdirSync(`/proc/${pid}/fd`).some((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`) === lock);
      } catch {
        // It has ended, or is somebody else's.
        return false;
      }
    };
    return Number(readdirSync('/proc').find((name) => /^\d+$/.test(name) && holds(name)));
  };

  test('npm, it stops in order when npm is told to', async () => {
    const npm = spawn(
      'npm',
      ['start', '--', '--no-agent', '--port', '0', '--data', path.join(folder, 'data'), '--ready-file', readyFile()],
      { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    running.add(npm);
    let output = '';
    npm.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const closed = new Promise((resolve) => npm.once('close', resolve)).then(() => running.delete(npm));
    const pid = await server();
    npm.kill('SIGTERM');
    await closed;
    await eventually('the end of the server', () => (isThere(pid) ? undefined : true));
    expect(output).toContain('Stopping');
  });

  const older = ['/usr/bin/node', '/usr/local/bin/node'].find(
    (node) => existsSync(node) && /^v2[0-3]\./.test(execFileSync(node, ['--version'], { encoding: 'utf8' })),
  );
  test.skipIf(older === undefined)('an older Node, it runs and stops all the same', async () => {
    const child = spawn(
      older!,
      [program, '--no-agent', '--port', '0', '--data', path.join(folder, 'data'), '--ready-file', readyFile()],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    running.add(child);
    const code = new Promise((resolve) =>
      child.once('close', (status) => {
        running.delete(child);
        resolve(status);
      }),
    );
    const pid = await server();
    child.kill('SIGTERM');
    expect(await code).toBe(0);
    expect(isThere(pid)).toBe(false);
  });

  test.skipIf(older === undefined)('an older Node, the agent and flotilla run too', () => {
    for (const [file, word] of [
      ['agent/main.js', 'flotilla-agent register'],
      ['cli/flotilla.mjs', 'Systems Manager that you own'],
    ] as const)
      expect(execFileSync(older!, [path.join(root, file), '--help'], { encoding: 'utf8' })).toContain(word);
  });
});

describe('being stopped', () => {
  test('nobody who listens to what it says must go on listening', async () => {
    const started = start('--no-agent', '--ready-file', readyFile());
    const connection = await connectionOf();
    started.child.stdout!.destroy();
    started.child.stderr!.destroy();
    // Refusals are logged, and stopping is told of: to nobody.
    await fetch(`${connection.endpoint}/`, {
      method: 'POST',
      headers: { 'x-amz-target': 'EC2WindowsMessageDeliveryService.GetMessages' },
      body: '{}',
    });
    expect((await fetch(`${connection.endpoint}/health`)).status).toBe(200);
    started.child.kill('SIGTERM');
    expect(await started.exit).toBe(0);
  });

  test('while this machine is being enrolled, it leaves no agent behind', async () => {
    const started = start('--ready-file', readyFile());
    const children = (): string[] =>
      readFileSync(`/proc/${started.child.pid}/task/${started.child.pid}/children`, 'utf8')
        .split(' ')
        .filter((pid) => pid !== '');
    const [agent] = await eventually('the agent', () => (children().length > 0 ? children() : undefined));
    started.child.kill('SIGTERM');
    expect(await started.exit, started.output).toBe(0);
    expect(existsSync(`/proc/${agent}`)).toBe(false);
  });
});
