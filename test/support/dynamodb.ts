/**
 * DynamoDB for tests: dynalite in this process behind a front that adds transactions (dynamodb-front/), moto_server
 * where it is installed, or the endpoint that FLOTILLA_TEST_DYNAMODB names.
 */
import { CreateTableCommand, waitUntilTableExists, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dynamoDBClient } from '../../aws/dynamodb-client.ts';
import { spawn, spawnSync } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';

export { startDynamoFront, type Fate, type FrontServer } from './dynamodb-front/server.ts';

export interface Endpoint {
  readonly url: string;
  stop(): Promise<void>;
}

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };

export function dynamoClient({ url }: Pick<Endpoint, 'url'>): DynamoDBClient {
  // A busy machine may take its time.
  return dynamoDBClient({ endpoint: url, region: 'us-east-1', credentials, requestHandler: {} });
}

/** The table as stacks/state.ts makes it. */
export async function createTable(client: DynamoDBClient, table: string): Promise<void> {
  const attribute = (AttributeName: string) => ({ AttributeName, AttributeType: 'S' as const });
  const schema = (prefix: string) => [
    { AttributeName: `${prefix}pk`, KeyType: 'HASH' as const },
    { AttributeName: `${prefix}sk`, KeyType: 'RANGE' as const },
  ];
  await client.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['', 'index1'].flatMap((prefix) => [attribute(`${prefix}pk`), attribute(`${prefix}sk`)]),
      KeySchema: schema(''),
      GlobalSecondaryIndexes: [
        { IndexName: 'index1', KeySchema: schema('index1'), Projection: { ProjectionType: 'KEYS_ONLY' } },
      ],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
    }),
  );
  await waitUntilTableExists({ client, maxWaitTime: 20, minDelay: 1, maxDelay: 1 }, { TableName: table });
}

export const hasMoto: boolean = spawnSync('moto_server', ['--help'], { stdio: 'ignore' }).status === 0;

/** moto's stand-in for AWS: DynamoDB with transactions, S3, SQS, KMS, EventBridge. */
export async function startMoto(): Promise<Endpoint> {
  const port = await freePort();
  const child = spawn('moto_server', ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = `http://127.0.0.1:${port}`;
  for (let attempt = 0; !(await answers(url)); attempt++) {
    if (attempt === 200 || child.exitCode !== null) throw new Error('moto_server does not start');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    url,
    stop: async () => {
      child.kill();
      await ended;
    },
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/moto-api/`)).ok;
  } catch {
    return false;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject).listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
