/** AWS's SDK before the S3 door: every operation that the door offers, with the SDK's own defaults. */
import { createHash, randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { Readable } from 'node:stream';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteBucketLifecycleCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  DeleteObjectTaggingCommand,
  GetBucketAclCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketLocationCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListMultipartUploadsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  paginateListObjectsV2,
  PutBucketLifecycleConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  type ChecksumAlgorithm,
  type S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { signRequest } from '../../core/sigv4/sign.ts';
import { openFilesDoor, type RunningFilesDoor } from '../support/files-door.ts';

let door: RunningFilesDoor;
let s3: S3Client;
let Bucket: string;
beforeAll(async () => {
  door = await openFilesDoor();
  s3 = door.client();
});
afterAll(() => door.close());
beforeEach(async () => {
  Bucket = `b-${randomBytes(6).toString('hex')}`;
  await s3.send(new CreateBucketCommand({ Bucket }));
});

const put = (Key: string, Body: string | Uint8Array = Key, more: object = {}) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
const get = async (Key: string, more: object = {}): Promise<Buffer> =>
  Buffer.from(await (await s3.send(new GetObjectCommand({ Bucket, Key, ...more }))).Body!.transformToByteArray());
const refused = (name: string, status: number): unknown =>
  expect.objectContaining({ name, $metadata: expect.objectContaining({ httpStatusCode: status }) as object });

describe('buckets', () => {
  test('from creation to removal', async () => {
    expect((await s3.send(new HeadBucketCommand({ Bucket }))).BucketRegion).toBe('us-east-1');
    expect((await s3.send(new GetBucketLocationCommand({ Bucket }))).LocationConstraint).toBeUndefined();
    const { Buckets } = await s3.send(new ListBucketsCommand({}));
    expect(Buckets?.find(({ Name }) => Name === Bucket)?.CreationDate).toEqual(new Date(door.clock.now()));
    await s3.send(new CreateBucketCommand({ Bucket }));
    await put('key');
    await expect(s3.send(new DeleteBucketCommand({ Bucket }))).rejects.toEqual(refused('BucketNotEmpty', 409));
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'key' }));
    await s3.send(new DeleteBucketCommand({ Bucket }));
    await expect(s3.send(new HeadBucketCommand({ Bucket }))).rejects.toEqual(refused('NotFound', 404));
    await expect(s3.send(new ListObjectsV2Command({ Bucket }))).rejects.toEqual(refused('NoSuchBucket', 404));
    await expect(s3.send(new DeleteBucketCommand({ Bucket: door.context.serviceBucket }))).rejects.toEqual(
      refused('AccessDenied', 403),
    );
  });

  test('what agents ask before they upload; what is not offered', async () => {
    await expect(s3.send(new GetBucketEncryptionCommand({ Bucket }))).rejects.toEqual(
      refused('ServerSideEncryptionConfigurationNotFoundError', 404),
    );
    await expect(s3.send(new GetBucketAclCommand({ Bucket }))).rejects.toEqual(refused('NotImplemented', 501));
    await put('out', 'x', { ACL: 'bucket-owner-full-control', ContentType: 'text/plain' });
    await expect(put('out', 'x', { ACL: 'public-read' })).rejects.toEqual(
      refused('AccessControlListNotSupported', 400),
    );
    await expect(put('out', 'x', { ServerSideEncryption: 'aws:kms' })).rejects.toEqual(refused('NotImplemented', 501));
    await expect(put('out', 'x', { StorageClass: 'GLACIER' })).rejects.toEqual(refused('InvalidStorageClass', 400));
    await expect(s3.send(new CreateBucketCommand({ Bucket: 'Not_A_Name' }))).rejects.toEqual(
      refused('InvalidBucketName', 400),
    );
  });

  test('in another Region its name is told, and a second creation refused', async () => {
    const other = await openFilesDoor({ region: 'eu-west-3' });
    try {
      const client = other.client();
      const create = new CreateBucketCommand({
        Bucket,
        CreateBucketConfiguration: { LocationConstraint: 'eu-west-3' },
      });
      await client.send(create);
      expect((await client.send(new GetBucketLocationCommand({ Bucket }))).LocationConstraint).toBe('eu-west-3');
      await expect(client.send(create)).rejects.toEqual(refused('BucketAlreadyOwnedByYou', 409));
      await expect(
        client.send(
          new CreateBucketCommand({ Bucket: 'other', CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } }),
        ),
      ).rejects.toEqual(refused('IllegalLocationConstraintException', 400));
    } finally {
      await other.close();
    }
  });

  test('named in the host', async () => {
    await put('a/b', 'by host');
    const url = `http://${Bucket}.localhost:${door.port}/a/b`;
    const headers = signRequest({
      method: 'GET',
      url,
      credentials: door.credentials,
      region: 'us-east-1',
      service: 's3',
    });
    const text = await new Promise<string>((resolve, reject) => {
      httpRequest(
        { host: '127.0.0.1', port: door.port, path: '/a/b', headers },
        (response) =>
          void response.toArray().then((chunks) => resolve(Buffer.concat(chunks as Buffer[]).toString()), reject),
      ).end();
    });
    expect(text).toBe('by host');
  });
});

describe('objects', () => {
  test('headers and metadata come back', async () => {
    const said = {
      ContentType: 'application/json',
      CacheControl: 'max-age=60',
      ContentDisposition: 'inline',
      ContentEncoding: 'gzip',
      ContentLanguage: 'de',
      Expires: new Date(Date.UTC(2030, 0, 1)),
      Metadata: { who: 'me' },
    };
    const { ETag } = await put('a/b.json', '{"x":1}', said);
    expect(ETag).toBe(`"${createHash('md5').update('{"x":1}').digest('hex')}"`);
    const { Expires, ...rest } = said;
    expect(await s3.send(new HeadObjectCommand({ Bucket, Key: 'a/b.json' }))).toMatchObject({
      ...rest,
      ExpiresString: Expires.toUTCString(),
      ETag,
      ContentLength: 7,
      LastModified: new Date(door.clock.now()),
      AcceptRanges: 'bytes',
    });
    expect((await get('a/b.json')).toString()).toBe('{"x":1}');
    await expect(get('none')).rejects.toEqual(refused('NoSuchKey', 404));
    await expect(s3.send(new HeadObjectCommand({ Bucket, Key: 'none' }))).rejects.toEqual(refused('NotFound', 404));
  });

  test('a stream of known length, and a client that checks nothing by itself', async () => {
    const bytes = randomBytes(300_000);
    await s3.send(
      new PutObjectCommand({
        Bucket,
        Key: 'stream',
        Body: Readable.from([bytes.subarray(0, 100_000), bytes.subarray(100_000)]),
        ContentLength: bytes.length,
      }),
    );
    expect((await get('stream')).equals(bytes)).toBe(true);
    const plain = door.client({
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
    await plain.send(new PutObjectCommand({ Bucket, Key: 'plain', Body: bytes }));
    expect((await get('plain')).equals(bytes)).toBe(true);
    expect(
      (await s3.send(new HeadObjectCommand({ Bucket, Key: 'plain', ChecksumMode: 'ENABLED' }))).ChecksumCRC32,
    ).toBeUndefined();
  });

  test.each(['CRC32', 'CRC32C', 'SHA1', 'SHA256'] satisfies ChecksumAlgorithm[])(
    '%s is verified, kept and returned',
    async (algorithm) => {
      const member = `Checksum${algorithm}` as const;
      const stored = await put('key', 'hello', { ChecksumAlgorithm: algorithm });
      expect(stored[member]).toBeDefined();
      const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'key', ChecksumMode: 'ENABLED' }));
      expect([head[member], head.ChecksumType]).toEqual([stored[member], 'FULL_OBJECT']);
      const stream = await s3.send(
        new PutObjectCommand({
          Bucket,
          Key: 'stream',
          Body: Readable.from([Buffer.from('hello')]),
          ContentLength: 5,
          ChecksumAlgorithm: algorithm,
        }),
      );
      expect(stream[member]).toBe(stored[member]);
      await expect(put('bad', 'hell0', { [member]: stored[member] })).rejects.toEqual(refused('BadDigest', 400));
      await expect(get('bad')).rejects.toEqual(refused('NoSuchKey', 404));
    },
  );

  test('CRC64NVME and Content-MD5', async () => {
    const answer = await door.send({
      method: 'PUT',
      path: `/${Bucket}/key`,
      headers: {
        'x-amz-checksum-crc64nvme': 'rosUhgp5mIg=',
        'content-md5': createHash('md5').update('123456789').digest('base64'),
      },
      body: '123456789',
    });
    expect([answer.status, answer.headers.get('x-amz-checksum-crc64nvme')]).toEqual([200, 'rosUhgp5mIg=']);
    expect(
      (
        await door.send({
          method: 'PUT',
          path: `/${Bucket}/key`,
          headers: { 'x-amz-checksum-crc64nvme': 'rosUhgp5mIg=' },
          body: '12345678',
        })
      ).code,
    ).toBe('BadDigest');
    expect(
      (
        await door.send({
          method: 'PUT',
          path: `/${Bucket}/key`,
          headers: { 'content-md5': 'AAAAAAAAAAAAAAAAAAAAAA==' },
          body: '1',
        })
      ).code,
    ).toBe('BadDigest');
  });

  test('ranges and conditions', async () => {
    const { ETag } = await put('key', '0123456789');
    const part = await s3.send(new GetObjectCommand({ Bucket, Key: 'key', Range: 'bytes=2-4' }));
    expect([
      await part.Body!.transformToString(),
      part.ContentRange,
      part.ContentLength,
      part.$metadata.httpStatusCode,
    ]).toEqual(['234', 'bytes 2-4/10', 3, 206]);
    expect((await get('key', { Range: 'bytes=-3' })).toString()).toBe('789');
    await expect(get('key', { Range: 'bytes=10-' })).rejects.toEqual(refused('InvalidRange', 416));
    await expect(get('key', { IfNoneMatch: ETag })).rejects.toMatchObject({ $metadata: { httpStatusCode: 304 } });
    await expect(get('key', { IfModifiedSince: new Date(door.clock.now()) })).rejects.toMatchObject({
      $metadata: { httpStatusCode: 304 },
    });
    await expect(get('key', { IfMatch: '"other"' })).rejects.toEqual(refused('PreconditionFailed', 412));
    await expect(get('key', { IfUnmodifiedSince: new Date(0) })).rejects.toEqual(refused('PreconditionFailed', 412));
    expect((await get('key', { IfMatch: ETag, ResponseContentType: 'text/x' })).length).toBe(10);
    expect(
      (await s3.send(new GetObjectCommand({ Bucket, Key: 'key', ResponseContentType: 'text/x' }))).ContentType,
    ).toBe('text/x');
    await expect(put('key', 'z', { IfNoneMatch: '*' })).rejects.toEqual(refused('PreconditionFailed', 412));
    await put('key', 'z', { IfMatch: ETag });
  });

  test('copies', async () => {
    await put('a b+ü', 'hello', { ContentType: 'text/x', Metadata: { a: '1' }, Tagging: 'x=1' });
    const CopySource = `${Bucket}/${encodeURIComponent('a b+ü')}`;
    const { CopyObjectResult } = await s3.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource }));
    expect(CopyObjectResult?.ETag).toBe(`"${createHash('md5').update('hello').digest('hex')}"`);
    expect(await s3.send(new HeadObjectCommand({ Bucket, Key: 'copy', ChecksumMode: 'ENABLED' }))).toMatchObject({
      ContentType: 'text/x',
      Metadata: { a: '1' },
      ChecksumCRC32: CopyObjectResult!.ChecksumCRC32,
      TagCount: 1,
    });
    await s3.send(
      new CopyObjectCommand({
        Bucket,
        Key: 'copy',
        CopySource: `${Bucket}/copy`,
        MetadataDirective: 'REPLACE',
        Metadata: { b: '2' },
        ContentType: 'text/y',
      }),
    );
    expect(await s3.send(new HeadObjectCommand({ Bucket, Key: 'copy' }))).toMatchObject({
      ContentType: 'text/y',
      Metadata: { b: '2' },
    });
    expect((await get('copy')).toString()).toBe('hello');
    await expect(s3.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/copy` }))).rejects.toEqual(
      refused('InvalidRequest', 400),
    );
    await expect(s3.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/none` }))).rejects.toEqual(
      refused('NoSuchKey', 404),
    );
    await expect(
      s3.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource, CopySourceIfMatch: '"other"' })),
    ).rejects.toEqual(refused('PreconditionFailed', 412));
  });

  test('many deleted at once', async () => {
    for (const key of ['a', 'b&<', 'c']) await put(key);
    const { Deleted, Errors } = await s3.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'a' }, { Key: 'b&<' }, { Key: 'none' }] } }),
    );
    expect([Deleted?.map(({ Key }) => Key), Errors]).toEqual([['a', 'b&<', 'none'], undefined]);
    expect((await s3.send(new ListObjectsV2Command({ Bucket }))).Contents?.map(({ Key }) => Key)).toEqual(['c']);
  });

  test('deleted only when it is what it was', async () => {
    const { ETag } = await put('key');
    const remove = (IfMatch: string | undefined) => s3.send(new DeleteObjectCommand({ Bucket, Key: 'key', IfMatch }));
    await put('key', 'changed');
    await expect(remove(ETag)).rejects.toEqual(refused('PreconditionFailed', 412));
    const { ETag: now } = await s3.send(new HeadObjectCommand({ Bucket, Key: 'key' }));
    await remove(now);
    await expect(remove('*')).rejects.toEqual(refused('PreconditionFailed', 412));

    const [one, other] = [await put('one'), await put('other')];
    const { Deleted, Errors } = await s3.send(
      new DeleteObjectsCommand({
        Bucket,
        Delete: {
          Objects: [
            { Key: 'one', ETag: one.ETag },
            { Key: 'other', ETag: one.ETag },
          ],
        },
      }),
    );
    expect([Deleted?.map(({ Key }) => Key), Errors?.map(({ Key, Code }) => [Key, Code])]).toEqual([
      ['one'],
      [['other', 'PreconditionFailed']],
    ]);
    await expect(
      s3.send(new DeleteObjectCommand({ Bucket, Key: 'other', IfMatch: other.ETag, IfMatchSize: 5 })),
    ).rejects.toEqual(refused('NotImplemented', 501));
    expect((await get('other')).toString()).toBe('other');
  });

  test('of an account that is not the expected one', async () => {
    await put('key');
    const account = door.context.account;
    await s3.send(new HeadObjectCommand({ Bucket, Key: 'key', ExpectedBucketOwner: account }));
    await expect(get('key', { ExpectedBucketOwner: '999999999999' })).rejects.toEqual(refused('AccessDenied', 403));
    await expect(
      s3.send(
        new CopyObjectCommand({
          Bucket,
          Key: 'copy',
          CopySource: `${Bucket}/key`,
          ExpectedSourceBucketOwner: '999999999999',
        }),
      ),
    ).rejects.toEqual(refused('AccessDenied', 403));
  });

  test('replaced only when it is there', async () => {
    await expect(put('none', 'x', { IfMatch: '"0123"' })).rejects.toEqual(refused('NoSuchKey', 404));
    await put('key');
    await expect(
      s3.send(
        new CopyObjectCommand({
          Bucket,
          Key: 'key',
          CopySource: `${Bucket}/key`,
          MetadataDirective: 'REPLACE',
          IfNoneMatch: '*',
        }),
      ),
    ).rejects.toEqual(refused('PreconditionFailed', 412));
  });

  test('a copy has the checksum that is asked for', async () => {
    await put('key', 'hello');
    const CopySource = `${Bucket}/key`;
    const sha256 = createHash('sha256').update('hello').digest('base64');
    expect(
      (await s3.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource, ChecksumAlgorithm: 'SHA256' })))
        .CopyObjectResult,
    ).toMatchObject({ ChecksumSHA256: sha256 });
    expect(await s3.send(new HeadObjectCommand({ Bucket, Key: 'copy', ChecksumMode: 'ENABLED' }))).toMatchObject({
      ChecksumSHA256: sha256,
      ChecksumType: 'FULL_OBJECT',
    });
    await expect(
      s3.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource, ChecksumAlgorithm: 'MD5' })),
    ).rejects.toEqual(refused('InvalidRequest', 400));
    await put('q?versionId', 'mark');
    await s3.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/q?versionId` }));
    expect((await get('copy')).toString()).toBe('mark');
  });

  test('tags', async () => {
    await put('key', 'x', { Tagging: 'a=1&b=%20' });
    const tags = async (): Promise<unknown> =>
      (await s3.send(new GetObjectTaggingCommand({ Bucket, Key: 'key' }))).TagSet;
    expect(await tags()).toEqual([
      { Key: 'a', Value: '1' },
      { Key: 'b', Value: ' ' },
    ]);
    await s3.send(new PutObjectTaggingCommand({ Bucket, Key: 'key', Tagging: { TagSet: [{ Key: 'ü', Value: '2' }] } }));
    expect([await tags(), (await s3.send(new HeadObjectCommand({ Bucket, Key: 'key' }))).TagCount]).toEqual([
      [{ Key: 'ü', Value: '2' }],
      1,
    ]);
    await s3.send(new DeleteObjectTaggingCommand({ Bucket, Key: 'key' }));
    expect(await tags()).toEqual([]);
    await expect(
      s3.send(new PutObjectTaggingCommand({ Bucket, Key: 'none', Tagging: { TagSet: [] } })),
    ).rejects.toEqual(refused('NoSuchKey', 404));
    await expect(
      s3.send(
        new PutObjectTaggingCommand({
          Bucket,
          Key: 'key',
          Tagging: {
            TagSet: [
              { Key: 'a', Value: '1' },
              { Key: 'a', Value: '2' },
            ],
          },
        }),
      ),
    ).rejects.toEqual(refused('InvalidTag', 400));
  });

  test('presigned by the SDK', async () => {
    const stored = await fetch(
      await getSignedUrl(s3, new PutObjectCommand({ Bucket, Key: 'by url' }), { expiresIn: 60 }),
      { method: 'PUT', body: 'hey' },
    );
    expect(stored.status).toBe(200);
    const url = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key: 'by url' }), { expiresIn: 60 });
    expect(await (await fetch(url)).text()).toBe('hey');
    expect((await fetch(url.replace('by%20url', 'other'))).status).toBe(403);
  });
});

describe('lists', () => {
  test('pages, groups, both versions, any characters', async () => {
    for (let place = 0; place < 25; place++) await put(`l/${place % 2}/${String(place).padStart(3, '0')}`);
    await put('l/top ü&<\u0001');
    const grouped = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'l/', Delimiter: '/' }));
    expect([grouped.CommonPrefixes, grouped.Contents?.map(({ Key }) => Key), grouped.KeyCount]).toEqual([
      [{ Prefix: 'l/0/' }, { Prefix: 'l/1/' }],
      ['l/top ü&<\u0001'],
      3,
    ]);
    const seen: string[] = [];
    for await (const page of paginateListObjectsV2(
      { client: s3, pageSize: 7 },
      { Bucket, Prefix: 'l/', StartAfter: 'l/0/002' },
    ))
      seen.push(...(page.Contents ?? []).map(({ Key }) => Key!));
    expect([seen.length, seen[0]]).toEqual([24, 'l/0/004']);
    const first = await s3.send(new ListObjectsCommand({ Bucket, Delimiter: '/', Prefix: 'l/', MaxKeys: 1 }));
    expect([first.IsTruncated, first.NextMarker, first.CommonPrefixes]).toEqual([true, 'l/0/', [{ Prefix: 'l/0/' }]]);
    const second = await s3.send(
      new ListObjectsCommand({ Bucket, Delimiter: '/', Prefix: 'l/', MaxKeys: 1, Marker: first.NextMarker }),
    );
    expect(second.CommonPrefixes).toEqual([{ Prefix: 'l/1/' }]);
    expect(
      (await s3.send(new ListObjectsV2Command({ Bucket, EncodingType: 'url', Prefix: 'l/t' }))).Contents?.[0]?.Key,
    ).toBe('l/top%20%C3%BC%26%3C%01');
    expect((await s3.send(new ListObjectsV2Command({ Bucket, MaxKeys: 0 }))).IsTruncated).toBe(false);
    await expect(s3.send(new ListObjectsV2Command({ Bucket, ContinuationToken: 'made up' }))).rejects.toEqual(
      refused('InvalidArgument', 400),
    );
  });
});

describe('versions', () => {
  test('kept, read, listed, removed', async () => {
    await put('key', 'before');
    expect((await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBeUndefined();
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
    expect((await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBe('Enabled');
    const one = await put('key', 'one');
    const two = await put('key', 'two');
    expect((await get('key')).toString()).toBe('two');
    expect((await get('key', { VersionId: one.VersionId })).toString()).toBe('one');
    expect((await get('key', { VersionId: 'null' })).toString()).toBe('before');
    const deleted = await s3.send(new DeleteObjectCommand({ Bucket, Key: 'key' }));
    expect(deleted.DeleteMarker).toBe(true);
    await expect(get('key')).rejects.toEqual(refused('NoSuchKey', 404));
    await expect(get('key', { VersionId: deleted.VersionId })).rejects.toEqual(refused('MethodNotAllowed', 405));
    await expect(get('key', { VersionId: 'none' })).rejects.toEqual(refused('NoSuchVersion', 404));
    expect((await s3.send(new ListObjectsV2Command({ Bucket }))).Contents).toBeUndefined();

    const pages = [];
    for (let marker: object = {}; ;) {
      const page = await s3.send(new ListObjectVersionsCommand({ Bucket, MaxKeys: 1, ...marker }));
      pages.push(...(page.Versions ?? []), ...(page.DeleteMarkers ?? []));
      if (page.IsTruncated !== true) break;
      marker = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
    }
    expect(pages.map(({ VersionId, IsLatest }) => [VersionId, IsLatest])).toEqual([
      [deleted.VersionId, true],
      [two.VersionId, false],
      [one.VersionId, false],
      ['null', false],
    ]);
    await expect(s3.send(new DeleteBucketCommand({ Bucket }))).rejects.toEqual(refused('BucketNotEmpty', 409));

    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'key', VersionId: deleted.VersionId }));
    expect((await get('key')).toString()).toBe('two');
    await s3.send(
      new CopyObjectCommand({ Bucket, Key: 'key', CopySource: `${Bucket}/key?versionId=${one.VersionId}` }),
    );
    expect((await get('key')).toString()).toBe('one');
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Suspended' } }));
    await put('key', 'null again');
    await expect(get('key', { VersionId: 'null' }).then(String)).resolves.toBe('null again');
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'key' }));
    await expect(get('key', { VersionId: 'null' })).rejects.toEqual(refused('MethodNotAllowed', 405));
    expect((await get('key', { VersionId: two.VersionId })).toString()).toBe('two');
  });
});

describe('lifecycle', () => {
  test('what a rule lets expire is gone after its midnight', async () => {
    const day = 86_400_000;
    await expect(s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))).rejects.toEqual(
      refused('NoSuchLifecycleConfiguration', 404),
    );
    await s3.send(
      new PutBucketLifecycleConfigurationCommand({
        Bucket,
        LifecycleConfiguration: {
          Rules: [
            {
              ID: 'logs',
              Status: 'Enabled',
              Filter: { Prefix: 'logs/' },
              Expiration: { Days: 2 },
              AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
            },
            {
              ID: 'old',
              Status: 'Enabled',
              Filter: { Prefix: '' },
              NoncurrentVersionExpiration: { NoncurrentDays: 1 },
            },
            { ID: 'off', Status: 'Disabled', Filter: { Prefix: '' }, Expiration: { Days: 1 } },
          ],
        },
      }),
    );
    expect((await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))).Rules).toHaveLength(3);
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
    await put('logs/a');
    await put('kept', 'one');
    const current = await put('kept', 'two');
    await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'logs/parts' }));

    const keep = door.door.timers['file-lifecycle']!;
    const run = async (days: number): Promise<string[]> => {
      door.clock.advance(days * day);
      await keep({ id: 't', kind: 'file-lifecycle', key: Bucket, due: door.clock.now(), payload: {} }, door.context);
      return (await s3.send(new ListObjectsV2Command({ Bucket }))).Contents?.map(({ Key }) => Key!) ?? [];
    };
    expect(await run(1)).toEqual(['kept', 'logs/a']);
    expect((await s3.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads).toHaveLength(1);
    expect(await run(2)).toEqual(['kept']);
    expect((await s3.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads).toBeUndefined();
    const versions = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: 'kept' }));
    expect(versions.Versions?.map(({ VersionId }) => VersionId)).toEqual([current.VersionId]);
    await s3.send(new DeleteBucketLifecycleCommand({ Bucket }));
    await expect(s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))).rejects.toEqual(
      refused('NoSuchLifecycleConfiguration', 404),
    );
  });
});
