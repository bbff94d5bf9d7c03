/** The ports on AWS, each before a stand-in: keys, files, bus, and the wakes between functions and gateways. */
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { CloudWatchClient, PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  ListQueuesCommand,
  ReceiveMessageCommand,
  SQSClient,
  type Message,
} from '@aws-sdk/client-sqs';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findAccessKey, issueKey } from '../../core/access-keys.ts';
import { CloudWatchAlarms } from '../../aws/cloudwatch-alarms.ts';
import { EventBridgeBus } from '../../aws/event-bridge-bus.ts';
import { openGatewayQueue, sweepGatewayQueues } from '../../aws/gateway-queue.ts';
import { startGateway, type RunningGateway } from '../../aws/gateway.ts';
import { KmsKeys } from '../../aws/kms-keys.ts';
import { QueueMailbox } from '../../aws/mailbox.ts';
import { S3Files } from '../../aws/s3-files.ts';
import { SnsTopics } from '../../aws/sns-topics.ts';
import { SqsQueue } from '../../aws/sqs-queue.ts';
import { sessionPolicy, StsNodeCredentials } from '../../aws/sts-node-credentials.ts';
import type { OutgoingEvent } from '../../core/events.ts';
import { FilePreconditionFailed, NoSuchBucket } from '../../core/files.ts';
import { silentLog } from '../../core/log.ts';
import { awsAccount, startAws, type TestAws } from '../support/aws.ts';
import { testContext } from '../support/context.ts';
import { hasMoto } from '../support/dynamodb.ts';

describe.skipIf(!hasMoto)(hasMoto ? 'ports on AWS' : 'ports on AWS (skipped: moto_server is not installed)', () => {
  let aws: TestAws;
  beforeAll(async () => {
    aws = await startAws();
  });
  afterAll(() => aws?.stop());

  describe('keys', () => {
    const keys = (): KmsKeys => new KmsKeys(aws.kms, aws.keyId, aws.macKeyId);

    test.each([0, 1, 5_000])('%i bytes come back, under their own purpose only', async (length) => {
      const plaintext = randomBytes(length);
      const ciphertext = await keys().encrypt(plaintext, { purpose: 'a', of: 'b' });
      expect(Buffer.from(await keys().decrypt(ciphertext, { of: 'b', purpose: 'a' })).equals(plaintext)).toBe(true);
      await expect(keys().decrypt(ciphertext, { purpose: 'other', of: 'b' })).rejects.toThrow();
    });

    test('a changed ciphertext is refused, and what is not ours', async () => {
      const ciphertext = Buffer.from(await keys().encrypt(Buffer.from('secret'), { purpose: 'a' }), 'base64');
      ciphertext[ciphertext.length - 1]! ^= 1;
      await expect(keys().decrypt(ciphertext.toString('base64'), { purpose: 'a' })).rejects.toThrow();
      await expect(keys().decrypt('', { purpose: 'a' })).rejects.toThrow('not ours');
    });

    test('a MAC is the same in every process, and another for other data', async () => {
      const [one, same, other] = await Promise.all([keys().mac('data'), keys().mac('data'), keys().mac('other')]);
      expect(one).toHaveLength(32);
      expect(Buffer.from(one).equals(same)).toBe(true);
      expect(Buffer.from(one).equals(other)).toBe(false);
    });
  });

  describe('files', () => {
    const files = (): S3Files => new S3Files({ region: 'us-east-1', s3: aws.s3 });

    test('an object is stored, read whole and in part, listed and deleted', async () => {
      const info = await files().put(aws.bucket, 'reports/a.csv', Buffer.from('0123456789'), {
        contentType: 'text/csv',
        metadata: { kind: 'scan' },
      });
      expect(info).toMatchObject({
        key: 'reports/a.csv',
        size: 10,
        contentType: 'text/csv',
        metadata: { kind: 'scan' },
      });
      expect(info.etag).toMatch(/^"\w+"$/);
      const part = await files().get(aws.bucket, 'reports/a.csv', { start: 2, end: 4 });
      expect(await text(part!.body)).toBe('234');
      expect(part!.info.size).toBe(10);
      expect((await files().list(aws.bucket, { prefix: 'reports/' })).files.map(({ key }) => key)).toEqual([
        'reports/a.csv',
      ]);
      await files().delete(aws.bucket, 'reports/a.csv');
      expect(await files().get(aws.bucket, 'reports/a.csv')).toBeUndefined();
      expect(await files().head(aws.bucket, 'reports/a.csv')).toBeUndefined();
    });

    test('a stream of unknown length is stored', async () => {
      expect(
        await files().put(aws.bucket, 'streamed', Readable.from([Buffer.from('abc'), Buffer.from('def')])),
      ).toMatchObject({ size: 6 });
      expect(await text((await files().get(aws.bucket, 'streamed'))!.body)).toBe('abcdef');
    });

    test('conditions hold', async () => {
      const { etag } = await files().put(aws.bucket, 'once', Buffer.from('1'), { ifNoneMatch: '*' });
      await expect(files().put(aws.bucket, 'once', Buffer.from('2'), { ifNoneMatch: '*' })).rejects.toThrow(
        FilePreconditionFailed,
      );
      await files().put(aws.bucket, 'once', Buffer.from('3'), { ifMatch: etag });
      await expect(files().put(aws.bucket, 'once', Buffer.from('4'), { ifMatch: etag })).rejects.toThrow(
        FilePreconditionFailed,
      );
    });

    test('lists go on where they ended, groups included', async () => {
      for (const key of ['l/a/1', 'l/a/2', 'l/b', 'l/c/1', 'l/d']) await files().put(aws.bucket, key, Buffer.from('x'));
      const seen: string[] = [];
      let startAfter: string | undefined;
      do {
        const page = await files().list(aws.bucket, { prefix: 'l/', delimiter: '/', limit: 1, startAfter });
        seen.push(...page.files.map(({ key }) => key), ...page.prefixes);
        startAfter = page.next;
      } while (startAfter !== undefined);
      expect(seen).toEqual(['l/a/', 'l/b', 'l/c/', 'l/d']);
    });

    test('buckets are made and found; without one it says so', async () => {
      await files().createBucket('flotilla-other');
      await files().createBucket('flotilla-other');
      expect(await files().bucketExists('flotilla-other')).toBe(true);
      expect(await files().bucketExists('flotilla-none')).toBe(false);
      await expect(files().put('flotilla-none', 'a', Buffer.from('x'))).rejects.toThrow(NoSuchBucket);
      await expect(files().list('flotilla-none')).rejects.toThrow(NoSuchBucket);
    });

    test('headers are kept with an object', async () => {
      const headers = { 'cache-control': 'no-store', 'content-disposition': 'attachment; filename="a.csv"' };
      await files().put(aws.bucket, 'headers', Buffer.from('x'), { headers });
      expect((await files().head(aws.bucket, 'headers'))?.headers).toMatchObject(headers);
    });

    test('a presigned URL needs no more credentials', async () => {
      const put = await fetch(await files().presign('PUT', aws.bucket, 'signed', 60), { method: 'PUT', body: 'hello' });
      expect(put.status).toBe(200);
      expect(await (await fetch(await files().presign('GET', aws.bucket, 'signed', 60))).text()).toBe('hello');
    });
  });

  describe('alarms', () => {
    const options = { region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
    let cloudWatch: CloudWatchClient;
    beforeAll(() => {
      cloudWatch = new CloudWatchClient({ ...options, endpoint: aws.url });
    });
    afterAll(() => cloudWatch.destroy());

    test('their states are CloudWatch’s, and an unknown one has none', async () => {
      await cloudWatch.send(
        new PutMetricAlarmCommand({
          AlarmName: 'error-rate',
          Namespace: 'App',
          MetricName: 'Errors',
          Statistic: 'Sum',
          Period: 60,
          EvaluationPeriods: 1,
          Threshold: 5,
          ComparisonOperator: 'GreaterThanThreshold',
        }),
      );
      for (const StateValue of ['ALARM', 'OK', 'INSUFFICIENT_DATA'] as const) {
        await cloudWatch.send(new SetAlarmStateCommand({ AlarmName: 'error-rate', StateValue, StateReason: 'a test' }));
        expect(await new CloudWatchAlarms(cloudWatch).stateOf('error-rate')).toBe(StateValue);
      }
      expect(await new CloudWatchAlarms(cloudWatch).stateOf('nobody’s')).toBeUndefined();
    });

    test('a composite alarm has a state too', async () => {
      // The stand-in for AWS has none: this answers as CloudWatch does.
      const server = createServer((_request, response) =>
        response
          .setHeader('content-type', 'application/x-amz-json-1.0')
          .end(JSON.stringify({ MetricAlarms: [], CompositeAlarms: [{ AlarmName: 'any', StateValue: 'ALARM' }] })),
      );
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as AddressInfo;
      const client = new CloudWatchClient({ ...options, endpoint: `http://127.0.0.1:${port}` });
      expect(await new CloudWatchAlarms(client).stateOf('any')).toBe('ALARM');
      client.destroy();
      server.close();
    });

    test('without an answer there is an error, and it is not remembered', async () => {
      const unreachable = new CloudWatchClient({ ...options, endpoint: 'http://127.0.0.1:1', maxAttempts: 1 });
      const alarms = new CloudWatchAlarms(unreachable);
      await expect(alarms.stateOf('error-rate')).rejects.toThrow();
      await expect(alarms.stateOf('error-rate')).rejects.toThrow();
      unreachable.destroy();
    });
  });

  describe('topics', () => {
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const region = 'eu-central-1';
    let sns: SNSClient;
    let sqs: SQSClient;
    beforeAll(() => {
      sns = new SNSClient({ endpoint: aws.url, region, credentials });
      sqs = new SQSClient({ endpoint: aws.url, region, credentials });
    });
    afterAll(() => {
      sns.destroy();
      sqs.destroy();
    });

    /** A topic, and a queue that gets what is published to it. */
    async function topicWithQueue(name: string, Attributes: Record<string, string> = {}) {
      const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: name, Attributes }));
      const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes }));
      await sns.send(
        new SubscribeCommand({
          TopicArn,
          Protocol: 'sqs',
          Endpoint: `arn:aws:sqs:${region}:${awsAccount}:${name}`,
          Attributes: { RawMessageDelivery: 'true' },
        }),
      );
      const receive = async (): Promise<Message[]> =>
        (
          await sqs.send(
            new ReceiveMessageCommand({
              QueueUrl,
              WaitTimeSeconds: 2,
              MaxNumberOfMessages: 10,
              MessageSystemAttributeNames: ['MessageGroupId', 'MessageDeduplicationId'],
            }),
          )
        ).Messages ?? [];
      return { topicArn: TopicArn!, receive };
    }

    test('a message is published to its topic, in the topic’s Region', async () => {
      const { topicArn, receive } = await topicWithQueue('deployments');
      const topics = new SnsTopics({ endpoint: aws.url, credentials });
      await topics.publish(topicArn, '{"status":"Success","of":"a & b"}', 'm1');
      expect((await receive()).map(({ Body }) => Body)).toEqual(['{"status":"Success","of":"a & b"}']);
      await expect(topics.publish(`${topicArn}-2`, 'lost', 'm2')).rejects.toMatchObject({ name: 'NotFoundException' });
    });

    test('a FIFO topic takes a message once, although it is published twice', async () => {
      const { topicArn, receive } = await topicWithQueue('in-order.fifo', { FifoTopic: 'true', FifoQueue: 'true' });
      const topics = new SnsTopics({ endpoint: aws.url, credentials });
      for (const id of ['m1', 'm1', 'm2']) await topics.publish(topicArn, id, id);
      const messages = await receive();
      expect(messages.map(({ Body }) => Body)).toEqual(['m1', 'm2']);
      expect(messages[0]?.Attributes).toMatchObject({ MessageGroupId: 'flotilla', MessageDeduplicationId: 'm1' });
    });
  });

  test('a node’s credentials are STS’s, known to our doors until they expire, and for its own files only', async () => {
    const sts = new STSClient({
      endpoint: aws.url,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    const flotilla = testContext({
      nodeCredentials: new StsNodeCredentials(sts, 'arn:aws:iam::123456789012:role/flotilla-test-node', aws.bucket),
    });
    const expiresAt = Date.now() + 3_600_000;
    const key = await issueKey(flotilla.context, {
      owner: { kind: 'node', nodeId: 'mi-0123456789abcdef0' },
      expiresAt,
    });
    await flotilla.state.transact(key.writes);
    expect(await findAccessKey(flotilla.context, key.accessKeyId)).toMatchObject({
      secretAccessKey: key.secretAccessKey,
      expiresAt,
      caller: { kind: 'node', nodeId: 'mi-0123456789abcdef0' },
    });
    const asNode = new STSClient({ endpoint: aws.url, region: 'us-east-1', credentials: key });
    expect((await asNode.send(new GetCallerIdentityCommand({}))).Arn).toBe(
      'arn:aws:sts::123456789012:assumed-role/flotilla-test-node/mi-0123456789abcdef0',
    );
    for (const partition of ['aws', 'aws-cn']) {
      const policy = sessionPolicy({ partition, bucket: 'bucket', nodeId: 'mi-1' });
      const [own] = (policy as { Statement: { Resource: string[] }[] }).Statement;
      expect(own?.Resource).toEqual([`arn:${partition}:s3:::bucket/*/mi-1/*`]);
    }
    await flotilla.close();
    sts.destroy();
    asNode.destroy();
  });

  test('twenty-five events go out in calls of ten, with their ids', async () => {
    const events = Array.from({ length: 25 }, (_, place): OutgoingEvent => ({
      id: `e${place}`,
      detailType: 'Test',
      time: Date.now(),
      resources: [],
      detail: { place },
    }));
    await new EventBridgeBus(aws.eventBridge, aws.bus).publish(events);
    const ids = new Set<string>();
    for (
      let message = await aws.receive(aws.observedQueueUrl);
      message !== undefined && ids.size < 25;
      message = await aws.receive(aws.observedQueueUrl)
    )
      ids.add((JSON.parse(message) as { detail: { 'flotilla-event-id': string } }).detail['flotilla-event-id']);
    expect([...ids].sort()).toEqual(events.map(({ id }) => id).sort());
  });

  test('messages of a queue arrive, more than one call takes too', async () => {
    const queue = new SqsQueue<{ n: number }>(aws.sqs, aws.timerQueueUrl);
    await queue.send(Array.from({ length: 23 }, (_, n) => ({ body: { n } })));
    const seen = new Set<number>();
    while (seen.size < 23) seen.add((JSON.parse((await aws.receive(aws.timerQueueUrl)) ?? '{}') as { n: number }).n);
    expect(seen.has(22)).toBe(true);
  });

  describe('wakes', () => {
    const mailbox = (gateway: string | undefined): QueueMailbox =>
      new QueueMailbox({
        sqs: aws.sqs,
        queuePrefix: aws.gatewayQueuePrefix,
        findGateway: async () => gateway,
        log: silentLog,
      });

    test('a function wakes the gateway that holds the node, before it answers', async () => {
      const woken: string[] = [];
      const close = await openGatewayQueue({
        sqs: aws.sqs,
        queuePrefix: aws.gatewayQueuePrefix,
        gatewayId: 'g1',
        onWake: (nodeId) => void woken.push(nodeId),
        log: silentLog,
      });
      const sender = mailbox('g1');
      sender.wake('mi-1');
      sender.wake('mi-2');
      await sender.settled();
      await expect.poll(() => [...woken].sort()).toEqual(['mi-1', 'mi-2']);
      await close();
    });

    test('a node that nobody holds, and a gateway that is gone, are no error', async () => {
      for (const gateway of [undefined, 'gone']) {
        const sender = mailbox(gateway);
        sender.wake('mi-1');
        await sender.settled();
      }
    });

    test('a gateway tells itself without a queue', async () => {
      const own = mailbox('g2');
      own.belongsTo('g2');
      const woken = new Promise((resolve) => own.onWake(resolve));
      own.wake('mi-3');
      expect(await woken).toBe('mi-3');
    });

    test('a queue that somebody deletes is made again, and wakes come by it', async () => {
      const woken: string[] = [];
      const close = await openGatewayQueue({
        sqs: aws.sqs,
        queuePrefix: aws.gatewayQueuePrefix,
        gatewayId: 'swept',
        onWake: (nodeId) => void woken.push(nodeId),
        log: silentLog,
        longPoll: 1,
      });
      await aws.sqs.send(new DeleteQueueCommand({ QueueUrl: `${aws.gatewayQueuePrefix}swept` }));
      // What is sent before it is there is lost, as every wake may be: the next one counts.
      await expect
        .poll(
          async () => {
            const sender = mailbox('swept');
            sender.wake('mi-1');
            await sender.settled();
            return woken;
          },
          { timeout: 50_000, interval: 500 },
        )
        .toContain('mi-1');
      await close();
    });

    test('queues of dead gateways are swept, those of living ones are not', async () => {
      const open = (gatewayId: string) =>
        openGatewayQueue({
          sqs: aws.sqs,
          queuePrefix: aws.gatewayQueuePrefix,
          gatewayId,
          onWake: () => undefined,
          log: silentLog,
        });
      const [closeLiving] = await Promise.all([open('living'), open('dead')]);
      expect(await sweepGatewayQueues(aws.sqs, aws.gatewayQueuePrefix, async () => new Set(['living']))).toBe(1);
      const { QueueUrls: urls = [] } = await aws.sqs.send(
        new ListQueuesCommand({ QueueNamePrefix: 'flotilla-test-gateway-' }),
      );
      expect(urls.map((url) => url.slice(aws.gatewayQueuePrefix.length))).toEqual(['living']);
      await closeLiving();
    });
  });

  describe('the gateway’s service', () => {
    const before = { ...process.env };
    let gateway: RunningGateway;
    beforeAll(async () => {
      Object.assign(process.env, aws.environment);
      gateway = await startGateway(0);
    });
    afterAll(async () => {
      await gateway.stop();
      process.env = before;
    });

    test('answers its balancer, refuses strangers, and is no API', async () => {
      const url = `http://127.0.0.1:${gateway.port}`;
      expect((await fetch(`${url}/health`)).status).toBe(200);
      expect(
        (
          await fetch(url, {
            method: 'POST',
            headers: { 'x-amz-target': 'EC2WindowsMessageDeliveryService.GetMessages' },
            body: '{}',
          })
        ).status,
      ).toBeGreaterThanOrEqual(400);
      expect(
        (await fetch(url, { method: 'POST', headers: { 'x-amz-target': 'AmazonSSM.ListDocuments' }, body: '{}' }))
          .status,
      ).toBe(404);
    });
  });
});
