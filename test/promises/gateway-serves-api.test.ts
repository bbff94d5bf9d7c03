/** The gateway's bundle with FLOTILLA_API=gateway: one service for the API and the nodes. Needs moto_server. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import {
  CreateActivationCommand,
  DescribeInstanceInformationCommand,
  GetParameterCommand,
  PutParameterCommand,
  SendCommandCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { issueKey, type IssuedKey } from '../../core/access-keys.ts';
import { SystemClock } from '../../core/clock.ts';
import { randomIds } from '../../core/ids.ts';
import { DynamoState } from '../../aws/dynamodb-state.ts';
import { variables } from '../../aws/environment.ts';
import { KmsKeys } from '../../aws/kms-keys.ts';
import { buildBundles, plans } from '../../scripts/bundles.ts';
import { startAws, type TestAws } from '../support/aws.ts';
import { hasMoto } from '../support/dynamodb.ts';
import { Machine } from './node-fixture.ts';

describe.skipIf(!hasMoto)(
  hasMoto ? 'the API at the gateway' : 'the API at the gateway (skipped: moto_server is not installed)',
  () => {
    let aws: TestAws;
    let dist: string;
    let key: IssuedKey;
    let service: ChildProcess;
    let port: number;
    let client: SSMClient;

    beforeAll(async () => {
      dist = mkdtempSync(path.join(tmpdir(), 'flotilla-dist-'));
      const gateway = plans([]).filter(({ name }) => name === 'gateway');
      [aws] = await Promise.all([startAws(), buildBundles({ dist, plans: gateway })]);
      const state = new DynamoState({ client: aws.dynamo, table: aws.table, clock: new SystemClock() });
      const keys = new KmsKeys(aws.kms, aws.keyId, aws.macKeyId);
      key = await issueKey({ state, keys, clock: new SystemClock(), ids: randomIds } as never, {
        owner: { kind: 'person', name: 'admin', role: 'admin' },
      });
      await state.transact(key.writes);
      service = spawn(process.execPath, [path.join(dist, 'gateway', 'index.mjs')], {
        env: {
          ...process.env,
          ...aws.environment,
          [variables.api]: 'gateway',
          [variables.endpoint]: 'https://nodes.example.com',
          PORT: '0',
        },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      port = await new Promise((resolve, reject) => {
        createInterface({ input: service.stdout! }).on('line', (line) => {
          const { message, port: listening } = JSON.parse(line) as { message: string; port?: number };
          if (message === 'the gateway listens') resolve(listening!);
        });
        service.once('exit', (code) => reject(new Error(`the gateway ended with ${code}`)));
      });
      client = clientOf(key);
    });
    afterAll(async () => {
      client?.destroy();
      if (service !== undefined) {
        const ended = new Promise((resolve) => service.once('exit', resolve));
        service.kill('SIGTERM');
        expect(await ended).toBe(0);
      }
      await aws?.stop();
      rmSync(dist, { recursive: true, force: true });
    });

    const clientOf = (credentials: { accessKeyId: string; secretAccessKey: string }): SSMClient =>
      new SSMClient({ endpoint: `http://127.0.0.1:${port}`, region: 'us-east-1', credentials, maxAttempts: 1 });

    test('the SDK’s client is answered, secrets included', async () => {
      await client.send(new PutParameterCommand({ Name: '/app/token', Value: 'secret', Type: 'SecureString' }));
      expect(
        (await client.send(new GetParameterCommand({ Name: '/app/token', WithDecryption: true }))).Parameter,
      ).toMatchObject({ Value: 'secret', Version: 1 });
    });

    test('a key that nobody has is refused by us, as docs/deploy.md tells', async () => {
      const stranger = clientOf({ accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wrong' });
      await expect(stranger.send(new GetParameterCommand({ Name: '/app/token' }))).rejects.toMatchObject({
        name: 'UnrecognizedClientException',
      });
      stranger.destroy();
    });

    test('a body larger than a node may send is the API’s to judge', async () => {
      await expect(
        client.send(new PutParameterCommand({ Name: '/app/long', Value: 'x'.repeat(1_500_000), Type: 'String' })),
      ).rejects.toMatchObject({ name: 'ValidationException' });
    });

    test('a node registers at the same address, and its credentials are good for the gateway', async () => {
      const machine = new Machine({ port });
      await machine.register(await client.send(new CreateActivationCommand({ IamRole: 'NodeRole' })));
      const credentials = await machine.credentials();
      expect(
        await machine.ssm(
          'UpdateInstanceInformation',
          {
            InstanceId: machine.nodeId,
            AgentStatus: 'Active',
            AgentVersion: '3.3.0.0',
            PlatformType: 'Linux',
            PlatformName: 'Debian',
            PlatformVersion: '13',
          },
          credentials,
        ),
      ).toMatchObject({ status: 200 });
      const { InstanceInformationList: [node] = [] } = await client.send(new DescribeInstanceInformationCommand({}));
      expect(node).toMatchObject({ InstanceId: machine.nodeId, PlatformName: 'Debian' });
      const { Command } = await client.send(
        new SendCommandCommand({
          DocumentName: 'AWS-RunShellScript',
          InstanceIds: [machine.nodeId],
          Parameters: { commands: ['true'] },
        }),
      );
      expect(Command).toMatchObject({ Status: 'Pending', TargetCount: 1 });
    });
  },
);
