/**
 * The very bundles that are deployed, before a stand-in for AWS: what a request writes reaches the bus and a
 * route, timers reach their queue and fire, what fails for good is listed and replayed. Needs moto_server.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { QueryCommand } from '@aws-sdk/client-dynamodb';
import type {
  Context as LambdaContext,
  DynamoDBBatchResponse,
  DynamoDBStreamEvent,
  LambdaFunctionURLResult,
  SQSBatchResponse,
  SQSEvent,
} from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { issueKey } from '../../core/access-keys.ts';
import type { Item } from '../../aws/attribute-values.ts';
import { DynamoState } from '../../aws/dynamodb-state.ts';
import { KmsKeys } from '../../aws/kms-keys.ts';
import { SystemClock } from '../../core/clock.ts';
import { deadLetterPartition, type DeadLetter } from '../../core/dead-letters.ts';
import type { EventBridgeEvent } from '../../core/events.ts';
import { randomIds } from '../../core/ids.ts';
import { outboxPartition, outboxShards } from '../../core/outbox.ts';
import { signRequest, type Credentials } from '../../core/sigv4/sign.ts';
import { queryAll } from '../../core/state.ts';
import { scheduleTimer, timerKey, type Timer } from '../../core/timers.ts';
import { routes } from '../../events/routes.ts';
import { buildBundles, type Bundle } from '../../scripts/bundles.ts';
import { awsAccount, startAws, type TestAws } from '../support/aws.ts';
import { hasMoto } from '../support/dynamodb.ts';
import { expectValidEvent } from '../support/events.ts';

type Handler = (event: unknown, lambda: LambdaContext) => Promise<unknown>;

describe.skipIf(!hasMoto)(
  hasMoto ? 'the bundles on AWS' : 'the bundles on AWS (skipped: moto_server is not installed)',
  () => {
    let aws: TestAws;
    let dist: string;
    let bundles: readonly Bundle[];
    let state: DynamoState;
    let admin: Credentials;
    const handlers = new Map<string, Handler>();
    const clock = new SystemClock();
    const before = { ...process.env };

    beforeAll(async () => {
      dist = mkdtempSync(path.join(tmpdir(), 'flotilla-dist-'));
      [aws, bundles] = await Promise.all([startAws(), buildBundles({ dist })]);
      Object.assign(process.env, aws.environment);
      state = new DynamoState({ client: aws.dynamo, table: aws.table, clock });
      const keys = new KmsKeys(aws.kms, aws.keyId, aws.macKeyId);
      const key = await issueKey({ state, keys, clock, ids: randomIds } as never, {
        owner: { kind: 'person', name: 'admin', role: 'admin' },
      });
      await state.transact(key.writes);
      admin = key;
    });
    afterAll(async () => {
      process.env = before;
      await aws?.stop();
      rmSync(dist, { recursive: true, force: true });
    });

    /** Calls a bundle as Lambda does. */
    async function invoke<Result>(name: string, event: unknown): Promise<Result> {
      let handler = handlers.get(name);
      if (handler === undefined) {
        const module = (await import(pathToFileURL(path.join(dist, 'functions', name, 'index.mjs')).href)) as {
          handler: Handler;
        };
        handlers.set(name, (handler = module.handler));
      }
      const lambda = {
        awsRequestId: randomIds.uuid(),
        functionName: `flotilla-test-${name}`,
        functionVersion: '$LATEST',
        memoryLimitInMB: '512',
        getRemainingTimeInMillis: () => 60_000,
        invokedFunctionArn: `arn:aws:lambda:us-east-1:${awsAccount}:function:flotilla-test-${name}`,
      };
      return (await handler(event, lambda as LambdaContext)) as Result;
    }

    const host = 'abcdefghij.lambda-url.us-east-1.on.aws';

    async function call(
      method: string,
      rawPath: string,
      options: {
        readonly target?: string;
        readonly body?: object;
        readonly service?: string;
        readonly secret?: string;
      } = {},
    ): Promise<{ status: number; body: Record<string, unknown> }> {
      const { target, body, service = 'ssm', secret = admin.secretAccessKey } = options;
      const text = body === undefined ? '' : JSON.stringify(body);
      const headers = signRequest({
        method,
        url: `https://${host}${rawPath}`,
        headers:
          target === undefined
            ? {}
            : { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `AmazonSSM.${target}` },
        body: text,
        credentials: { ...admin, secretAccessKey: secret },
        region: 'us-east-1',
        service,
      });
      const event = {
        version: '2.0',
        rawPath,
        rawQueryString: '',
        headers,
        body: text,
        isBase64Encoded: false,
        requestContext: { domainName: host, http: { method, path: rawPath, sourceIp: '192.0.2.1' } },
      };
      const answer = (await invoke<LambdaFunctionURLResult>('api', event)) as { statusCode: number; body: string };
      return { status: answer.statusCode, body: JSON.parse(answer.body || '{}') as Record<string, unknown> };
    }

    const ssm = (target: string, body: object) => call('POST', '/', { target, body });

    /** The items of a partition as records of the table's stream. */
    async function recordsOf(pk: string): Promise<DynamoDBStreamEvent> {
      const { Items: items = [] } = await aws.dynamo.send(
        new QueryCommand({
          TableName: aws.table,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': { S: pk } },
        }),
      );
      return stream(items);
    }

    function stream(items: readonly Item[]): DynamoDBStreamEvent {
      return {
        Records: items.map((item, place) => ({
          eventName: 'INSERT',
          dynamodb: { Keys: { pk: item.pk, sk: item.sk }, NewImage: item, SequenceNumber: String(place + 1) },
        })),
      } as DynamoDBStreamEvent;
    }

    const sqsEvent = (...bodies: object[]): SQSEvent =>
      ({ Records: bodies.map((body, place) => ({ messageId: `m${place}`, body: JSON.stringify(body) })) }) as SQSEvent;

    async function observed(detailType: string): Promise<EventBridgeEvent> {
      for (;;) {
        const text = await aws.receive(aws.observedQueueUrl);
        if (text === undefined) throw new Error(`no ${detailType} on the bus`);
        const event = JSON.parse(text) as EventBridgeEvent;
        if (event['detail-type'] === detailType) return event;
      }
    }

    test('there is a bundle of each route, of the API, the publisher and the gateway, and none is heavy', () => {
      expect(bundles.map(({ name }) => name).sort()).toEqual(
        [...routes.map(({ name }) => name), 'api', 'publish-changes', 'gateway'].sort(),
      );
      for (const { name, bytes } of bundles) expect(bytes, name).toBeLessThan(2.5 * 1024 * 1024);
    });

    test('the API answers signed calls, and refuses others', async () => {
      expect(
        await ssm('CreateDocument', {
          Name: 'Restart',
          DocumentType: 'Command',
          DocumentFormat: 'JSON',
          Content: JSON.stringify({
            schemaVersion: '2.2',
            mainSteps: [{ action: 'aws:runShellScript', name: 'restart', inputs: { runCommand: ['true'] } }],
          }),
        }),
      ).toMatchObject({ status: 200, body: { DocumentDescription: { Name: 'Restart' } } });
      expect(await ssm('GetDocument', { Name: 'Restart' })).toMatchObject({
        status: 200,
        body: { DocumentVersion: '1' },
      });
      // A document of AWS's name comes with the bundle.
      expect(await ssm('GetDocument', { Name: 'AWS-RunShellScript' })).toMatchObject({ status: 200 });
      expect(
        await call('POST', '/', { target: 'GetDocument', body: { Name: 'Restart' }, secret: 'wrong' }),
      ).toMatchObject({
        status: 400,
        body: { __type: expect.stringContaining('InvalidSignatureException') as string },
      });
      expect(await ssm('NoSuchOperation', {})).toMatchObject({
        status: 400,
        body: { __type: expect.stringContaining('UnknownOperationException') as string },
      });
    });

    test('the first person is let in by the deployer’s own rights', async () => {
      const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/first-key.ts', 'ops'], {
        cwd: path.resolve(import.meta.dirname, '../..'),
        input: JSON.stringify(aws.environment),
        env: { ...process.env, ...aws.environment },
        encoding: 'utf8',
      });
      expect(stderr).toBe('');
      expect(status).toBe(0);
      const { AccessKeyId, SecretAccessKey } = JSON.parse(stdout) as { AccessKeyId: string; SecretAccessKey: string };
      const before = admin;
      admin = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey };
      expect((await call('GET', '/x/keys', { service: 'flotilla' })).body.Keys).toContainEqual(
        expect.objectContaining({ AccessKeyId, Name: 'ops', Role: 'admin' }),
      );
      admin = before;
    });

    test('what a call writes reaches the bus in the contract’s shape, and its id comes to handlers unchanged', async () => {
      const day = new Date().toISOString().slice(0, 10);
      const partitions = Array.from({ length: 16 }, (_, shard) => `AUDIT#${day}#${shard}`);
      const records = (await Promise.all(partitions.map(recordsOf))).flatMap(({ Records }) => Records);
      expect(records.length).toBeGreaterThan(0);
      expect(await invoke<DynamoDBBatchResponse>('publish-changes', { Records: records })).toEqual({
        batchItemFailures: [],
      });
      const event = await observed('AWS API Call via CloudTrail');
      const { 'flotilla-event-id': id, ...detail } = event.detail as { 'flotilla-event-id': string };
      expect(event).toMatchObject({ source: 'flotilla.ssm', region: 'us-east-1' });
      // The stand-in leaves out the account, and resources that are none.
      expectValidEvent({ ...event, id, account: awsAccount, resources: event.resources ?? [], detail });
    });

    test('a timer that is near is sent by its write; one of the next minute by the tick; each fires once', async () => {
      const now = clock.now();
      const timer = (id: string, due: number): Timer => ({
        id,
        kind: 'spread-command',
        key: randomIds.uuid(),
        due,
        payload: {},
      });
      const near = timer('near', now);
      const soon = timer('soon', now + 1_500);
      const later = timer('later', now + 10 * 60_000);
      for (const one of [near, soon, later]) await state.write(scheduleTimer(one));

      const { Records: records } = await recordsOf(timerKey(near).pk);
      await invoke('publish-changes', {
        Records: records.filter(({ dynamodb }) => dynamodb?.Keys?.sk?.S === timerKey(near).sk),
      });
      expect(JSON.parse((await aws.receive(aws.timerQueueUrl)) ?? '{}')).toEqual({ id: 'near', due: now });
      expect(
        await invoke<SQSBatchResponse>('fire-timers', sqsEvent({ id: 'near', due: now }, { id: 'near', due: now })),
      ).toEqual({ batchItemFailures: [] });
      expect(await state.get(timerKey(near))).toBeUndefined();

      await invoke('tick', {});
      // Delayed until it is due, in whole seconds.
      await expect
        .poll(async () => JSON.parse((await aws.receive(aws.timerQueueUrl)) ?? '{}') as object)
        .toEqual({ id: 'soon', due: soon.due });
      expect(clock.now()).toBeGreaterThanOrEqual(soon.due);
      expect(await aws.receive(aws.timerQueueUrl)).toBeUndefined();
      expect(await state.get(timerKey(later))).toBeDefined();
    });

    test('a message that makes no sense comes again, the others do not', async () => {
      const event = sqsEvent({ id: 'gone', due: 1 });
      const broken = {
        ...event,
        Records: [...event.Records, { ...event.Records[0]!, messageId: 'broken', body: 'not JSON' }],
      };
      expect(await invoke('fire-timers', broken)).toEqual({ batchItemFailures: [{ itemIdentifier: 'broken' }] });
    });

    test('what a route failed at for good is listed, and replayed: published again with its id', async () => {
      const requestId = randomIds.uuid();
      const requestPayload = {
        version: '0',
        id: 'given by EventBridge',
        'detail-type': 'SSM Managed Instance Deregistration',
        source: 'flotilla.ssm',
        account: awsAccount,
        time: '2026-01-05T09:00:00Z',
        region: 'us-east-1',
        resources: [],
        detail: { 'instance-id': 'mi-0123456789abcdef0', status: 'DEREGISTERED', 'flotilla-event-id': 'ours' },
      };
      const failed = {
        timestamp: new Date().toISOString(),
        requestContext: {
          requestId,
          functionArn: `arn:aws:lambda:us-east-1:${awsAccount}:function:flotilla-test-forget-inventory:$LATEST`,
          condition: 'RetriesExhausted',
          approximateInvokeCount: 3,
        },
        requestPayload,
        responsePayload: { errorType: 'TypeError', errorMessage: 'no such thing' },
      };
      // Twice: it is one letter.
      expect(await invoke('keep-dead-letters', sqsEvent(failed, failed))).toEqual({ batchItemFailures: [] });
      const { body } = await call('GET', '/x/dead-letters', { service: 'flotilla' });
      expect(body.DeadLetters).toMatchObject([
        {
          Attempts: 3,
          Error: 'TypeError: no such thing',
          Event: {
            Route: 'forget-inventory',
            Id: 'ours',
            DetailType: 'SSM Managed Instance Deregistration',
            Detail: { 'instance-id': 'mi-0123456789abcdef0', status: 'DEREGISTERED' },
          },
        },
      ]);

      const [letter] = body.DeadLetters as { Id: string }[];
      expect(await call('POST', `/x/dead-letters/${letter!.Id}/replay`, { service: 'flotilla' })).toMatchObject({
        status: 200,
      });
      expect(await queryAll<DeadLetter>(state, { pk: deadLetterPartition })).toEqual([]);
      const outbox = async (): Promise<DynamoDBStreamEvent> => ({
        Records: (
          await Promise.all(Array.from({ length: outboxShards }, (_, shard) => recordsOf(outboxPartition(shard))))
        ).flatMap(({ Records }) => Records),
      });
      expect((await outbox()).Records).toHaveLength(1);
      expect(await invoke('publish-changes', await outbox())).toEqual({ batchItemFailures: [] });
      expect((await outbox()).Records).toEqual([]);
      const event = await observed('SSM Managed Instance Deregistration');
      expect(event.detail).toEqual({ ...requestPayload.detail });
      // And its route takes it.
      await invoke('forget-inventory', { ...event, resources: [] });
    });
  },
);
