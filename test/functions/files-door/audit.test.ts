/** The audit trail of S3's calls: what people change and what a role forbids, and nothing besides. */
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { auditRecords } from '../../support/audit-records.ts';
import { expectValidEvent } from '../../support/events.ts';
import { openFilesDoor, type RunningFilesDoor } from '../../support/files-door.ts';
import { envelope } from '../../../core/event-envelope.ts';
import { StateUnavailable } from '../../../core/state.ts';

const node = 'mi-0123456789abcdef0';
let s3: RunningFilesDoor;
beforeEach(async () => {
  s3 = await openFilesDoor();
  await s3.files.createBucket('open');
});
afterEach(() => s3.close());

/** In the order of their writing, a millisecond apart at least. */
const records = (): Promise<Record<string, unknown>[]> => auditRecords(s3.state, s3.clock.now());
const step = async <T>(work: Promise<T>): Promise<T> => {
  const done = await work;
  s3.clock.advance(1);
  return done;
};
const names = async (): Promise<unknown[]> =>
  (await records()).map(({ eventName, errorCode }) =>
    errorCode === undefined ? eventName : `${eventName as string}: ${errorCode as string}`,
  );

describe('changes', () => {
  test('of a bucket are management, of an object data; both as CloudTrail shapes them', async () => {
    const client = s3.client();
    await step(client.send(new CreateBucketCommand({ Bucket: 'made' })));
    await step(client.send(new PutObjectCommand({ Bucket: 'made', Key: 'a b', Body: 'secret-body' })));
    const [bucket, object, ...others] = await records();
    expect(others).toEqual([]);
    const common = {
      eventVersion: '1.08',
      eventSource: 's3.amazonaws.com',
      userIdentity: { type: 'IAMUser', userName: 'admin', accessKeyId: s3.credentials.accessKeyId },
      sourceIPAddress: '127.0.0.1',
      awsRegion: 'us-east-1',
      readOnly: false,
    };
    const own = { type: 'AWS::S3::Bucket', ARN: 'arn:aws:s3:::made', accountId: s3.context.account };
    expect(bucket).toMatchObject({
      ...common,
      eventName: 'CreateBucket',
      requestParameters: { bucketName: 'made', Host: `127.0.0.1:${s3.port}` },
      resources: [own],
      managementEvent: true,
      eventCategory: 'Management',
    });
    expect(object).toMatchObject({
      ...common,
      eventName: 'PutObject',
      requestParameters: { bucketName: 'made', key: 'a b' },
      resources: [{ type: 'AWS::S3::Object', ARN: 'arn:aws:s3:::made/a b' }, own],
      managementEvent: false,
      eventCategory: 'Data',
    });
    expect(object?.['userAgent']).toMatch(/aws-sdk-js/);
    expect(JSON.stringify(object)).not.toContain('secret-');
  });

  test('every kind by its name, with what of the query says what was changed', async () => {
    const client = s3.client();
    const at = { Bucket: 'open', Key: 'whole' };
    await step(
      client.send(new PutBucketVersioningCommand({ Bucket: 'open', VersioningConfiguration: { Status: 'Enabled' } })),
    );
    const { UploadId } = await step(client.send(new CreateMultipartUploadCommand(at)));
    const { ETag } = await step(client.send(new UploadPartCommand({ ...at, UploadId, PartNumber: 1, Body: 'part' })));
    await step(
      client.send(
        new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] } }),
      ),
    );
    await step(client.send(new CopyObjectCommand({ Bucket: 'open', Key: 'copy', CopySource: 'open/whole' })));
    expect(await names()).toEqual([
      'PutBucketVersioning',
      'CreateMultipartUpload',
      'UploadPart',
      'CompleteMultipartUpload',
      'CopyObject',
    ]);
    expect((await records())[2]).toMatchObject({ requestParameters: { uploadId: UploadId, partNumber: '1' } });
    expect((await records())[4]).toMatchObject({ requestParameters: { 'x-amz-copy-source': 'open/whole' } });
  });

  test('a deletion of several names each of them', async () => {
    const client = s3.client();
    await s3.files.put('open', 'one', Buffer.from('1'));
    await client.send(
      new DeleteObjectsCommand({
        Bucket: 'open',
        Delete: { Quiet: true, Objects: [{ Key: 'one' }, { Key: 'two', ETag: '"none"' }] },
      }),
    );
    expect(await records()).toMatchObject([
      {
        eventName: 'DeleteObjects',
        eventCategory: 'Data',
        responseElements: { deleted: [{ Key: 'one' }], errors: [{ Key: 'two', Code: 'PreconditionFailed' }] },
      },
    ]);
  });

  test('that failed say how', async () => {
    await step(s3.send({ method: 'PUT', path: '/nowhere/key', body: 'x' }));
    await step(s3.send({ method: 'PUT', path: '/open/key', headers: { 'if-match': '"other"' }, body: 'x' }));
    await step(s3.send({ method: 'DELETE', path: `/${s3.context.serviceBucket}` }));
    expect(await names()).toEqual(['PutObject: NoSuchBucket', 'PutObject: NoSuchKey', 'DeleteBucket: AccessDenied']);
  });

  test('are told as events that keep to their schema', async () => {
    await s3.send({ method: 'PUT', path: '/open/key', body: 'x' });
    const told = (await s3.state.readChanges(0, 10)).map(({ event }) =>
      envelope(event, { source: 'aws.ssm', account: s3.context.account, region: 'us-east-1' }),
    );
    expect(told).toMatchObject([
      { 'detail-type': 'AWS API Call via CloudTrail', detail: { eventName: 'PutObject', eventCategory: 'Data' } },
    ]);
    for (const event of told) expectValidEvent(event);
  });

  test('stand where the record cannot be written; the log has it then', async () => {
    const lines: unknown[] = [];
    const log = {
      debug: () => undefined,
      info: () => undefined,
      warn: () => undefined,
      error: (message: string, fields?: object) => lines.push([message, fields]),
      with: () => log,
    };
    const full = await openFilesDoor({ log });
    try {
      await full.files.createBucket('open');
      full.state.write = () => Promise.reject(new StateUnavailable('disk full'));
      expect((await full.send({ method: 'PUT', path: '/open/key', body: 'x' })).status).toBe(200);
      expect(lines).toMatchObject([['audit record could not be written', { record: { eventName: 'PutObject' } }]]);
    } finally {
      await full.close();
    }
  });
});

describe('what leaves none', () => {
  test('reads, and what a node uploads', async () => {
    await s3.files.put('open', 'key', Buffer.from('x'));
    await s3.client().send(new GetObjectCommand({ Bucket: 'open', Key: 'key' }));
    for (const path of ['/open', '/', '/open?location', '/open?versions'])
      expect((await s3.send({ path })).status).toBe(200);
    expect((await s3.send({ method: 'HEAD', path: '/open/key' })).status).toBe(200);
    const credentials = await s3.keyForNode(node);
    expect((await s3.send({ method: 'PUT', path: `/open/out/${node}/stdout`, body: 'x', credentials })).status).toBe(
      200,
    );
    expect((await s3.send({ method: 'PUT', path: `/nowhere/out/${node}/stdout`, body: 'x', credentials })).status).toBe(
      404,
    );
    expect(await records()).toEqual([]);
  });

  test('requests that nobody can be shown to have signed', async () => {
    expect(
      (
        await s3.send({
          method: 'PUT',
          path: '/open/key',
          body: 'x',
          credentials: { ...s3.credentials, secretAccessKey: 'wrong' },
        })
      ).status,
    ).toBe(403);
    expect(await records()).toEqual([]);
  });
});

describe('refusals by role', () => {
  test('a viewer who writes, a node that reads what is not its own, a node that deletes', async () => {
    const viewer = await s3.keyFor('viewer');
    const credentials = await s3.keyForNode(node);
    await step(s3.send({ method: 'PUT', path: '/open/key', body: 'x', credentials: viewer }));
    await step(s3.send({ path: `/${s3.context.serviceBucket}/key`, credentials }));
    await step(s3.send({ method: 'HEAD', path: `/${s3.context.serviceBucket}/key`, credentials }));
    await step(s3.send({ method: 'DELETE', path: `/open/out/${node}/stdout`, credentials }));
    expect(await names()).toEqual([
      'PutObject: AccessDenied',
      'GetObject: AccessDenied',
      'HeadObject: AccessDenied',
      'DeleteObject: AccessDenied',
    ]);
    expect((await records()).map(({ readOnly }) => readOnly)).toEqual([false, true, true, false]);
    expect((await records())[1]).toMatchObject({
      userIdentity: { type: 'AssumedRole', arn: expect.stringContaining(node) as string },
    });
  });
});
