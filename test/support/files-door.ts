/** The S3 door on a port of its own, over files in a folder of the test's. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { issueKey, type KeyOwner } from '../../core/access-keys.ts';
import type { Role } from '../../core/caller.ts';
import type { Clock } from '../../core/clock.ts';
import type { Context } from '../../core/context.ts';
import type { Files } from '../../core/files.ts';
import { randomIds } from '../../core/ids.ts';
import { silentLog } from '../../core/log.ts';
import { presignUrl, signRequest, type Credentials } from '../../core/sigv4/sign.ts';
import { answerClientError, serverOptions } from '../../functions/api/node-http.ts';
import { createFilesDoor, type FilesDoor } from '../../functions/files-door/files-door.ts';
import { DiskFiles } from '../../local/disk-files.ts';
import { testContext, type TestContext } from './context.ts';

/** Files on the disk as `npm start` has them. Close them at the end. */
export function openDiskFiles(folder: string, clock: Clock): DiskFiles {
  const presign = (): never => {
    throw new Error('these files have no door');
  };
  return new DiskFiles({ folder: path.join(folder, 'files'), clock, ids: randomIds, log: silentLog, presign });
}

/** An object as text; `undefined` when there is none. */
export async function fileText(files: Files, bucket: string, key: string): Promise<string | undefined> {
  const found = await files.get(bucket, key);
  return found === undefined ? undefined : Buffer.concat((await found.body.toArray()) as Buffer[]).toString();
}

export interface SentToFiles {
  readonly method?: string;
  /** With the query, encoded. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** `null`: unsigned. */
  readonly credentials?: Credentials | null;
  readonly payloadHash?: string;
  readonly region?: string;
  readonly date?: Date;
  /** Headers that are sent and not signed. */
  readonly unsigned?: Readonly<Record<string, string>>;
}

export interface FilesAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** `<Code>` of an error. */
  readonly code: string | undefined;
}

export interface RunningFilesDoor extends TestContext {
  readonly door: FilesDoor;
  readonly files: DiskFiles;
  readonly endpoint: string;
  readonly port: number;
  /** An admin's. */
  readonly credentials: Credentials;
  keyFor(role: Role): Promise<Credentials>;
  keyForNode(nodeId: string): Promise<Credentials>;
  client(config?: S3ClientConfig): S3Client;
  send(request: SentToFiles): Promise<FilesAnswer>;
  presign(
    method: string,
    path: string,
    options?: {
      readonly headers?: Readonly<Record<string, string>>;
      readonly expiresIn?: number;
      readonly date?: Date;
    },
  ): string;
}

export async function openFilesDoor(overrides: Partial<Context> = {}): Promise<RunningFilesDoor> {
  const test = testContext(overrides);
  const files = openDiskFiles(test.folder, test.clock);
  const context = { ...test.context, files };
  const door = createFilesDoor({ context, files, hosts: ['localhost', '127.0.0.1'] });
  const server = createServer(serverOptions, (incoming, outgoing) => {
    if (door.takes(incoming)) return door.handle(incoming, outgoing);
    outgoing.writeHead(421).end('not for the files door');
  });
  server.on('clientError', answerClientError);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const endpoint = `http://127.0.0.1:${port}`;

  async function keyOf(owner: KeyOwner): Promise<Credentials> {
    const key = await issueKey(context, { owner, expiresAt: Date.now() + 3_600_000 });
    await test.state.transact(key.writes);
    return { accessKeyId: key.accessKeyId, secretAccessKey: key.secretAccessKey, sessionToken: key.sessionToken };
  }
  const permanent = await issueKey(context, { owner: { kind: 'person', name: 'admin', role: 'admin' } });
  await test.state.transact(permanent.writes);
  const credentials = { accessKeyId: permanent.accessKeyId, secretAccessKey: permanent.secretAccessKey };
  const clients: S3Client[] = [];

  return {
    ...test,
    context,
    door,
    files,
    endpoint,
    port,
    credentials,
    keyFor: (role) => keyOf({ kind: 'person', name: role, role }),
    keyForNode: (nodeId) => keyOf({ kind: 'node', nodeId }),
    client: (config = {}) => {
      const client = new S3Client({ endpoint, region: context.region, credentials, maxAttempts: 1, ...config });
      clients.push(client);
      return client;
    },
    send: async ({
      method = 'GET',
      path: target,
      headers = {},
      body,
      region = context.region,
      payloadHash,
      unsigned = {},
      date,
      ...rest
    }) => {
      const url = `${endpoint}${target}`;
      const by = rest.credentials === undefined ? credentials : rest.credentials;
      const signed =
        by === null
          ? headers
          : signRequest({
              method,
              url,
              headers,
              region,
              service: 's3',
              credentials: by,
              ...(body === undefined ? {} : { body }),
              ...(payloadHash === undefined ? {} : { payloadHash }),
              ...(date === undefined ? {} : { date }),
            });
      const { host: _host, ...sent } = { ...signed, ...unsigned } as Record<string, string>;
      const response = await fetch(url, {
        method,
        headers: sent,
        ...(body === undefined ? {} : { body: body as NonNullable<RequestInit['body']> }),
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, text, code: /<Code>([^<]*)/.exec(text)?.[1] };
    },
    presign: (method, target, { headers = {}, expiresIn = 60, date } = {}) =>
      presignUrl({
        method,
        url: `${endpoint}${target}`,
        headers,
        expiresIn,
        credentials,
        region: context.region,
        service: 's3',
        ...(date === undefined ? {} : { date }),
      }),
    close: async () => {
      for (const client of clients) client.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await files.close();
      await test.close();
    },
  };
}
