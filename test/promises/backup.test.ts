/** `flotilla backup` of a Flotilla under load, and a Flotilla started from what it wrote. */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CreateActivationCommand, DescribeActivationsCommand, type SSMClient } from '@aws-sdk/client-ssm';
import {
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  CreateBucketCommand,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Connection } from '../../local/connection-file.ts';
import { eventually, clientOf, startServer, type ServerProcess } from '../support/flotilla-process.ts';
import { temporaryFolder } from '../support/state.ts';

let folder: string;
let remove: () => void;
let servers: ServerProcess[];
beforeEach(() => {
  ({ folder, remove } = temporaryFolder());
  servers = [];
});
afterEach(async () => {
  for (const server of servers) await server.kill('SIGKILL');
  remove();
});

async function serve(data: string): Promise<ServerProcess> {
  const server = await startServer(data, 0, path.join(folder, 'events'));
  servers.push(server);
  return server;
}

interface Ended {
  readonly status: number | null;
  readonly error: string;
}

function flotilla(connection: Connection, ...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [path.resolve(import.meta.dirname, '../../cli/main.ts'), ...args], {
      env: {
        ...process.env,
        FLOTILLA_ENDPOINT: connection.endpoint,
        FLOTILLA_ACCESS_KEY_ID: connection.accessKeyId,
        FLOTILLA_SECRET_ACCESS_KEY: connection.secretAccessKey,
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let error = '';
    child.stderr.on('data', (chunk: Buffer) => (error += chunk.toString()));
    child.once('close', (status) => resolve({ status, error }));
  });
}

const s3Of = (connection: Connection) =>
  new S3Client({
    endpoint: connection.endpoint,
    region: connection.region,
    credentials: connection,
    forcePathStyle: true,
    maxAttempts: 1,
  });

async function activations(client: SSMClient): Promise<Set<string>> {
  const found = new Set<string>();
  let NextToken: string | undefined;
  do {
    const page = await client.send(new DescribeActivationsCommand({ MaxResults: 50, NextToken }));
    for (const { Description } of page.ActivationList ?? []) found.add(Description!);
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return found;
}

test('taken under load it is one moment, files and all; a Flotilla started from it has everything acknowledged before', async () => {
  const server = await serve(path.join(folder, 'data'));
  const client = clientOf(server.connection);
  const s3 = s3Of(server.connection);
  await s3.send(new CreateBucketCommand({ Bucket: 'reports' }));
  const acknowledged: string[] = [];
  let on = true;
  const load = async (worker: number): Promise<void> => {
    for (let n = 0; on; n++) {
      const name = `${worker}-${n}`;
      // The file first, as everything of ours does: what the state names is there.
      await s3.send(new PutObjectCommand({ Bucket: 'reports', Key: name, Body: name.repeat(200) }));
      await client.send(new CreateActivationCommand({ IamRole: 'role', Description: name }));
      acknowledged.push(name);
      // One is replaced over and over while the archive is written: the content that the copy names must stay until
      // then.
      if (n % 3 === 0) await s3.send(new PutObjectCommand({ Bucket: 'reports', Key: 'same', Body: name.repeat(500) }));
    }
  };
  await s3.send(new PutObjectCommand({ Bucket: 'reports', Key: 'large', Body: Buffer.alloc(30_000_000, 'large') }));
  const loads = [0, 1, 2, 3].map(load);
  await eventually('the writers to be at work', () => (acknowledged.length > 0 ? true : undefined));
  const before = [...acknowledged];
  const archive = path.join(folder, 'backup.tar');
  const { status, error } = await flotilla(server.connection, 'backup', archive);
  const after = acknowledged.length;
  on = false;
  await Promise.all(loads);
  expect([status, error]).toEqual([0, expect.stringMatching(/backup\.tar: [\d.]+ MB/)]);
  expect(before.length).toBeGreaterThan(0);
  // The writers went on.
  expect(after).toBeGreaterThan(before.length);
  expect(statSync(archive).mode & 0o777).toBe(0o600);
  expect(readdirSync(path.join(folder, 'data')).filter((name) => name.startsWith('backup-'))).toEqual([]);

  const restored = path.join(folder, 'restored');
  mkdirSync(restored, { mode: 0o700 });
  execFileSync('tar', ['-xf', archive, '-C', restored]);
  await server.kill('SIGKILL');
  const second = await serve(restored);
  // The same keys let in, and secrets can be read: an activation's code, encrypted under the key file, is one.
  expect(second.connection).toMatchObject({
    accessKeyId: server.connection.accessKeyId,
    secretAccessKey: server.connection.secretAccessKey,
    accountId: server.connection.accountId,
  });
  const kept = await activations(clientOf(second.connection));
  expect(before.filter((name) => !kept.has(name))).toEqual([]);
  const files = s3Of(second.connection);
  for (const name of kept)
    expect(
      await (await files.send(new GetObjectCommand({ Bucket: 'reports', Key: name }))).Body!.transformToString(),
    ).toBe(name.repeat(200));
  for (const key of ['same', 'large'])
    expect(
      (await (await files.send(new GetObjectCommand({ Bucket: 'reports', Key: key }))).Body!.transformToByteArray())
        .length,
    ).toBeGreaterThan(0);
  expect((await files.send(new ListObjectsV2Command({ Bucket: 'reports' }))).KeyCount).toBeGreaterThanOrEqual(
    kept.size,
  );
});

test('is for admins; a file that is there stays; a Flotilla that dies in the middle leaves no half of a backup', async () => {
  const data = path.join(folder, 'data');
  const server = await serve(data);
  const archive = path.join(folder, 'backup.tar');
  writeFileSync(archive, 'older');
  expect(await flotilla(server.connection, 'backup', archive)).toEqual({
    status: 1,
    error: `flotilla: ${archive} is there already: --force replaces it\n`,
  });
  expect(readFileSync(archive, 'utf8')).toBe('older');

  const s3 = s3Of(server.connection);
  await s3.send(new CreateBucketCommand({ Bucket: 'reports' }));
  for (let n = 0; n < 8; n++)
    await s3.send(new PutObjectCommand({ Bucket: 'reports', Key: `${n}`, Body: Buffer.alloc(40_000_000, n) }));
  const running = flotilla(server.connection, 'backup', '--force', archive);
  while (!existsSync(`${archive}.part`)) await new Promise((resolve) => setTimeout(resolve, 2));
  await server.kill('SIGKILL');
  expect(await running).toEqual({
    status: 1,
    error: expect.stringMatching(/^flotilla: no backup was made: /) as string,
  });
  expect(readFileSync(archive, 'utf8')).toBe('older');
  expect(existsSync(`${archive}.part`)).toBe(false);

  // What the dead process copied is gone after the next start.
  expect(readdirSync(data).filter((name) => name.startsWith('backup-'))).toHaveLength(1);
  const next = await serve(data);
  expect(readdirSync(data).filter((name) => name.startsWith('backup-'))).toEqual([]);
  await next.kill('SIGTERM');
});
