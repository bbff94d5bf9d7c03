/**
 * The very bundles that are deployed, before a stand-in for AWS: what a request writes reaches the bus and a
 * route, timers reach their queue and fire, what fails for good is listed and replayed. Needs moto_server.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { QueryCommand } from '@aws-sdk/client-dynamodb';
import type { DynamoDBBatchResponse, DynamoDBStreamEvent, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Item } from '../../aws/attribute-values.ts';
import type { DynamoState } from '../../aws/dynamodb-state.ts';
import { SystemClock } from '../../core/clock.ts';
import { mostAttempts } from '../../core/dead-letters.ts';
import type { EventBridgeEvent } from '../../core/events.ts';
import { randomIds } from '../../core/ids.ts';
import { outboxPartition, outboxShards } from '../../core/outbox.ts';
import { scheduleTimer, timerKey, timerPartition, timerShards, type Timer } from '../../core/timers.ts';
import { routes } from '../../events/routes.ts';
import { awsAccount, type TestAws } from '../support/aws.ts';
import { deadLettersOf } from '../support/dead-letters.ts';
import { deploy, type Deployed } from '../support/deployed.ts';
import { hasMoto } from '../support/dynamodb.ts';
import { expectValidEvent } from '../support/events.ts';
import { makeNode } from '../functions/nodes/nodes-fixture.ts';

describe.skipIf(!hasMoto)(
  hasMoto ? 'the bundles on AWS' : 'the bundles on AWS (skipped: moto_server is not installed)',
  () => {
    let deployed: Deployed;
    let aws: TestAws;
    let state: DynamoState;
    const clock = new SystemClock();

    beforeAll(async () => {
      deployed = await deploy();
      ({ aws, state } = deployed);
    });
    afterAll(() => deployed?.stop());

    const invoke = <Result>(name: string, event: unknown): Promise<Result> => deployed.invoke<Result>(name, event);
    const call: Deployed['call'] = (...parts) => deployed.call(...parts);
    const ssm: Deployed['ssm'] = (...parts) => deployed.ssm(...parts);

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
      const { bundles } = deployed;
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
        await call('POST', '/', {
          target: 'GetDocument',
          body: { Name: 'Restart' },
          credentials: { ...deployed.admin, secretAccessKey: 'wrong' },
        }),
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
      const credentials = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey };
      expect((await call('GET', '/x/keys', { service: 'flotilla', credentials })).body.Keys).toContainEqual(
        expect.objectContaining({ AccessKeyId, Name: 'ops', Role: 'admin' }),
      );
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
      expect(await deadLettersOf(state)).toEqual([]);
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

    test('an event that nothing can carry, a record that cannot be read: neighbours are published, nothing comes again', async () => {
      let deep: object = {};
      for (let level = 0; level < 40; level++) deep = { deep };
      const event = (id: string, detail: object) => ({
        id,
        detailType: 'Parameter Store Change',
        time: clock.now(),
        resources: [],
        detail,
      });
      const item = (...events: object[]): Item => ({
        pk: { S: 'P' },
        sk: { S: randomIds.uuid() },
        _events: { S: JSON.stringify(events) },
      });
      const broken = { ...item(), _events: { S: '[{' } };
      const records = stream([
        item(event('deep', { deep }), event('beside', { name: 'beside' })),
        broken,
        item(event('behind', { name: 'behind' })),
      ]);
      expect(await invoke('publish-changes', records)).toEqual({ batchItemFailures: [] });
      const published = [await observed('Parameter Store Change'), await observed('Parameter Store Change')];
      expect(published.map(({ detail }) => (detail as { name: string }).name).sort()).toEqual(['behind', 'beside']);
      // As they are listed by the API's own function.
      const { body } = await call('GET', '/x/dead-letters', { service: 'flotilla' });
      const letters = body.DeadLetters as { Id: string; Event?: { Detail: object }; Record?: { Text: string } }[];
      expect(letters.find(({ Event }) => Event !== undefined)?.Event?.Detail).toEqual({ deep });
      expect(letters.find(({ Record }) => Record !== undefined)?.Record?.Text).toContain('[{');
      for (const { Id } of letters) await call('DELETE', `/x/dead-letters/${Id}`, { service: 'flotilla' });
      expect(await deadLettersOf(state)).toEqual([]);
    });

    test('a replayed alarm is CloudWatch’s again', async () => {
      const requestPayload = {
        version: '0',
        id: 'theirs',
        'detail-type': 'CloudWatch Alarm State Change',
        source: 'aws.cloudwatch',
        account: awsAccount,
        time: '2026-01-05T09:00:00Z',
        region: 'us-east-1',
        resources: [],
        detail: { alarmName: 'errors', state: { value: 'ALARM' } },
      };
      const functionArn = `arn:aws:lambda:us-east-1:${awsAccount}:function:flotilla-test-stop-commands-on-alarm:$LATEST`;
      for (const source of ['aws.cloudwatch', 'flotilla.cloudwatch'])
        await invoke(
          'keep-dead-letters',
          sqsEvent({
            timestamp: new Date().toISOString(),
            requestContext: {
              requestId: randomIds.uuid(),
              functionArn,
              condition: 'RetriesExhausted',
              approximateInvokeCount: 3,
            },
            requestPayload: { ...requestPayload, source },
          }),
        );
      const { body } = await call('GET', '/x/dead-letters', { service: 'flotilla' });
      const letters = body.DeadLetters as { Id: string; Event: { Source: string } }[];
      expect(letters.map(({ Event }) => Event.Source)).toEqual(['aws.cloudwatch', 'aws.cloudwatch']);
      for (const { Id } of letters) await call('POST', `/x/dead-letters/${Id}/replay`, { service: 'flotilla' });
      const shards = Array.from({ length: outboxShards }, (_, shard) => recordsOf(outboxPartition(shard)));
      const Records = (await Promise.all(shards)).flatMap((shard) => shard.Records);
      expect(Records).toHaveLength(2);
      for (const { dynamodb } of Records) expect(JSON.stringify(dynamodb)).toContain('aws.cloudwatch');
      expect(await invoke('publish-changes', { Records })).toEqual({ batchItemFailures: [] });
    });

    test('a message of the dead letters’ queue that is none is kept as it is', async () => {
      expect(await invoke('keep-dead-letters', sqsEvent({ hello: 'there' }))).toEqual({ batchItemFailures: [] });
      const [letter] = await deadLettersOf(state);
      expect(letter).toMatchObject({ kind: 'record', text: '{"hello":"there"}' });
      const { body } = await call('GET', '/x/dead-letters', { service: 'flotilla' });
      for (const { Id } of body.DeadLetters as { Id: string }[])
        await call('DELETE', `/x/dead-letters/${Id}`, { service: 'flotilla' });
    });

    test('a timer whose worker is killed each time ends as a dead letter; members that are not known do no harm', async () => {
      const due = clock.now() - 1;
      // As the sixth worker left it: its claim has lapsed.
      const timer: Timer = {
        id: 'deadly',
        kind: 'spread-command',
        key: randomIds.uuid(),
        due,
        payload: {},
        attempts: mostAttempts,
        claimedUntil: due,
      };
      await state.write(scheduleTimer(timer));
      expect(await invoke('fire-timers', sqsEvent({ id: 'deadly', due, newer: { member: true } }))).toEqual({
        batchItemFailures: [],
      });
      expect(await state.get(timerKey(timer))).toBeUndefined();
      expect(await deadLettersOf(state)).toMatchObject([{ kind: 'timer', attempts: mostAttempts }]);
    });

    test('a timer of a newer version’s kind waits for that version', async () => {
      const timer: Timer = { id: 'newer', kind: 'newer', key: 'k', due: clock.now() - 1, payload: {} };
      await state.write(scheduleTimer(timer));
      await invoke('fire-timers', sqsEvent({ id: timer.id, due: timer.due }));
      const { Records: records } = await recordsOf(timerKey(timer).pk);
      const left = records.map(({ dynamodb }) => dynamodb?.NewImage).find((image) => image?.['b_id']?.S === 'newer');
      expect(Number(left?.['b_due']?.N)).toBeGreaterThan(clock.now());
      expect(left?.['b_attempts']).toBeUndefined();
    });

    test('a command reaches its nodes by functions that are frozen once they have answered', async () => {
      const nodeId = await makeNode({ state, clock } as never, { tags: { fleet: 'frozen' } });
      const { status, body } = await ssm('SendCommand', {
        DocumentName: 'AWS-RunShellScript',
        Parameters: { commands: ['true'] },
        Targets: [{ Key: 'tag:fleet', Values: ['frozen'] }],
      });
      expect(status).toBe(200);
      const CommandId = (body.Command as { CommandId: string }).CommandId;
      const shards = Array.from({ length: timerShards }, (_, shard) => recordsOf(timerPartition(shard)));
      const Records = (await Promise.all(shards)).flatMap((shard) => shard.Records);
      const spread = Records.filter(({ dynamodb }) => dynamodb?.NewImage?.['b_key']?.S === CommandId);
      expect(spread).toHaveLength(1);
      await invoke('publish-changes', { Records: spread });
      const message = JSON.parse((await aws.receive(aws.timerQueueUrl)) ?? '{}') as object;
      expect(await invoke('fire-timers', sqsEvent(message))).toEqual({ batchItemFailures: [] });
      const answer = await ssm('ListCommandInvocations', { CommandId });
      expect(answer.body.CommandInvocations).toMatchObject([{ InstanceId: nodeId }]);
    });
  },
);
