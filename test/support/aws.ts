/** An AWS of a test's own: moto_server with what stacks/ would have made, and the environment that tells of it. */
import {
  CreateEventBusCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { variables } from '../../aws/environment.ts';
import { createTable, dynamoClient, startMoto } from './dynamodb.ts';

export const awsAccount = '123456789012';

export interface TestAws {
  readonly url: string;
  readonly table: string;
  readonly dynamo: DynamoDBClient;
  readonly sqs: SQSClient;
  readonly kms: KMSClient;
  readonly s3: S3Client;
  readonly eventBridge: EventBridgeClient;
  readonly bus: string;
  readonly keyId: string;
  readonly macKeyId: string;
  readonly bucket: string;
  readonly timerQueueUrl: string;
  /** Gets every event of the bus. */
  readonly observedQueueUrl: string;
  readonly gatewayQueuePrefix: string;
  /** What a function of ours is told, and where AWS is. */
  readonly environment: Readonly<Record<string, string>>;
  /** One message of a queue, which is gone from it then. */
  receive(queueUrl: string): Promise<string | undefined>;
  stop(): Promise<void>;
}

export async function startAws(): Promise<TestAws> {
  const endpoint = await startMoto();
  const { url } = endpoint;
  const options = { endpoint: url, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
  const dynamo = dynamoClient(endpoint);
  const sqs = new SQSClient(options);
  const kms = new KMSClient(options);
  const s3 = new S3Client({ ...options, forcePathStyle: true });
  const eventBridge = new EventBridgeClient(options);

  const table = 'flotilla-test-state';
  await createTable(dynamo, table);
  const bucket = 'flotilla-test-files';
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  const queue = async (QueueName: string): Promise<string> =>
    (await sqs.send(new CreateQueueCommand({ QueueName }))).QueueUrl ?? '';
  const timerQueueUrl = await queue('flotilla-test-timers');
  const observedQueueUrl = await queue('flotilla-test-observed');
  const keyId = (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.KeyId ?? '';
  const macKeyId =
    (await kms.send(new CreateKeyCommand({ KeyUsage: 'GENERATE_VERIFY_MAC', KeySpec: 'HMAC_256' }))).KeyMetadata
      ?.KeyId ?? '';

  const bus = 'flotilla-test';
  await eventBridge.send(new CreateEventBusCommand({ Name: bus }));
  await eventBridge.send(
    new PutRuleCommand({
      Name: 'observe',
      EventBusName: bus,
      EventPattern: JSON.stringify({ source: ['flotilla.ssm'] }),
    }),
  );
  const { Attributes: { QueueArn } = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: observedQueueUrl, AttributeNames: ['QueueArn'] }),
  );
  await eventBridge.send(
    new PutTargetsCommand({ Rule: 'observe', EventBusName: bus, Targets: [{ Id: 'queue', Arn: QueueArn }] }),
  );

  const gatewayQueuePrefix = `${url}/${awsAccount}/flotilla-test-gateway-`;
  return {
    url,
    table,
    dynamo,
    sqs,
    kms,
    s3,
    eventBridge,
    bus,
    keyId,
    macKeyId,
    bucket,
    timerQueueUrl,
    observedQueueUrl,
    gatewayQueuePrefix,
    environment: {
      AWS_REGION: 'us-east-1',
      AWS_ENDPOINT_URL: url,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      POWERTOOLS_TRACE_ENABLED: 'false',
      POWERTOOLS_LOG_LEVEL: 'SILENT',
      POWERTOOLS_METRICS_DISABLED: 'true',
      [variables.account]: awsAccount,
      [variables.table]: table,
      [variables.bucket]: bucket,
      [variables.keyId]: keyId,
      [variables.macKeyId]: macKeyId,
      [variables.bus]: bus,
      [variables.timerQueueUrl]: timerQueueUrl,
      [variables.gatewayQueuePrefix]: gatewayQueuePrefix,
      [variables.nodeEndpoint]: 'https://nodes.example.com',
    },
    receive: async (QueueUrl) => {
      const { Messages: [message] = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 2 }));
      if (message === undefined) return undefined;
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle }));
      return message.Body;
    },
    stop: async () => {
      for (const client of [dynamo, sqs, kms, s3, eventBridge]) client.destroy();
      await endpoint.stop();
    },
  };
}
