/** AWS's SDK before the S3 door: uploads in parts, and what they become. */
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newChecksum } from '../../functions/files-door/checksums.ts';
import { openFilesDoor, type RunningFilesDoor } from '../support/files-door.ts';

const mebi = 1024 * 1024;
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

describe('uploads in parts', () => {
  test('lib-storage: a stream of unknown length', async () => {
    const bytes = randomBytes(11 * mebi);
    const done = await new Upload({
      client: s3,
      params: { Bucket, Key: 'up', Body: Readable.from([bytes]), ContentType: 'text/x', Metadata: { a: '1' } },
    }).done();
    expect([done.ETag, done.ChecksumCRC32]).toEqual([
      expect.stringMatching(/^"[0-9a-f]{32}-3"$/),
      expect.stringMatching(/-3$/),
    ]);
    expect((await get('up')).equals(bytes)).toBe(true);
    expect(
      (await get('up', { Range: `bytes=${5 * mebi - 2}-${5 * mebi + 1}` })).equals(
        bytes.subarray(5 * mebi - 2, 5 * mebi + 2),
      ),
    ).toBe(true);
    expect(await s3.send(new HeadObjectCommand({ Bucket, Key: 'up', ChecksumMode: 'ENABLED' }))).toMatchObject({
      ContentLength: bytes.length,
      ContentType: 'text/x',
      Metadata: { a: '1' },
      ChecksumType: 'COMPOSITE',
      ChecksumCRC32: done.ChecksumCRC32,
    });
    expect((await s3.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads).toBeUndefined();
  });

  test('listed, joined out of order of arrival, copied into, aborted', async () => {
    const bytes = randomBytes(5 * mebi);
    await put('source', bytes);
    const { UploadId } = await s3.send(
      new CreateMultipartUploadCommand({
        Bucket,
        Key: 'parts',
        ChecksumAlgorithm: 'CRC64NVME',
        ChecksumType: 'FULL_OBJECT',
      }),
    );
    const call = { Bucket, Key: 'parts', UploadId };
    const last = await s3.send(new UploadPartCommand({ ...call, PartNumber: 7, Body: 'end' }));
    await s3.send(new UploadPartCommand({ ...call, PartNumber: 2, Body: 'replaced' }));
    const first = await s3.send(new UploadPartCommand({ ...call, PartNumber: 2, Body: bytes }));
    const { CopyPartResult } = await s3.send(
      new UploadPartCopyCommand({
        ...call,
        PartNumber: 3,
        CopySource: `${Bucket}/source`,
        CopySourceRange: `bytes=0-${bytes.length - 1}`,
      }),
    );
    const listed = await s3.send(new ListPartsCommand({ ...call, MaxParts: 2 }));
    expect([
      listed.Parts?.map(({ PartNumber, Size }) => [PartNumber, Size]),
      listed.IsTruncated,
      listed.NextPartNumberMarker,
    ]).toEqual([
      [
        [2, bytes.length],
        [3, bytes.length],
      ],
      true,
      '3',
    ]);
    expect(
      (await s3.send(new ListPartsCommand({ ...call, PartNumberMarker: '3' }))).Parts?.map(
        ({ PartNumber }) => PartNumber,
      ),
    ).toEqual([7]);
    expect((await s3.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads).toMatchObject([
      { Key: 'parts', UploadId, Initiated: new Date(door.clock.now()) },
    ]);
    expect((await s3.send(new ListObjectsV2Command({ Bucket }))).Contents?.map(({ Key }) => Key)).toEqual(['source']);

    const complete = (...Parts: { PartNumber: number; ETag: string | undefined }[]) =>
      s3.send(new CompleteMultipartUploadCommand({ ...call, MultipartUpload: { Parts } }));
    await expect(complete({ PartNumber: 7, ETag: last.ETag }, { PartNumber: 2, ETag: first.ETag })).rejects.toEqual(
      refused('InvalidPartOrder', 400),
    );
    await expect(complete({ PartNumber: 2, ETag: last.ETag })).rejects.toEqual(refused('InvalidPart', 400));
    await expect(complete({ PartNumber: 1, ETag: last.ETag })).rejects.toEqual(refused('InvalidPart', 400));
    await complete(
      { PartNumber: 2, ETag: first.ETag },
      { PartNumber: 3, ETag: CopyPartResult?.ETag },
      { PartNumber: 7, ETag: last.ETag },
    );
    expect((await get('parts')).equals(Buffer.concat([bytes, bytes, Buffer.from('end')]))).toBe(true);
    expect((await s3.send(new HeadObjectCommand({ Bucket, Key: 'parts', ChecksumMode: 'ENABLED' }))).ChecksumType).toBe(
      'FULL_OBJECT',
    );
    await expect(s3.send(new ListPartsCommand(call))).rejects.toEqual(refused('NoSuchUpload', 404));

    const aborted = {
      Bucket,
      Key: 'aborted',
      UploadId: (await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'aborted' }))).UploadId,
    };
    await s3.send(new UploadPartCommand({ ...aborted, PartNumber: 1, Body: 'x' }));
    await s3.send(new AbortMultipartUploadCommand(aborted));
    await expect(s3.send(new UploadPartCommand({ ...aborted, PartNumber: 1, Body: 'x' }))).rejects.toEqual(
      refused('NoSuchUpload', 404),
    );
    await expect(get('aborted')).rejects.toEqual(refused('NoSuchKey', 404));
  });

  test('the checksum of the whole, of its parts: claimed, combined, copied', async () => {
    const bytes = randomBytes(5 * mebi + 9);
    const whole = (algorithm: 'CRC32' | 'CRC64NVME'): string => {
      const checksum = newChecksum(algorithm);
      checksum.update(bytes);
      return checksum.digest();
    };
    // One client sums up its parts, the other does not: then they are read.
    for (const client of [s3, door.client({ requestChecksumCalculation: 'WHEN_REQUIRED' })]) {
      const { UploadId } = await client.send(
        new CreateMultipartUploadCommand({
          Bucket,
          Key: 'whole',
          ChecksumAlgorithm: 'CRC32',
          ChecksumType: 'FULL_OBJECT',
        }),
      );
      const call = { Bucket, Key: 'whole', UploadId };
      const Parts: { PartNumber: number; ETag: string | undefined }[] = [];
      for (const [place, Body] of [bytes.subarray(0, 5 * mebi), bytes.subarray(5 * mebi)].entries()) {
        const { ETag } = await client.send(new UploadPartCommand({ ...call, PartNumber: place + 1, Body }));
        Parts.push({ PartNumber: place + 1, ETag });
      }
      const complete = (claimed: object) =>
        client.send(new CompleteMultipartUploadCommand({ ...call, MultipartUpload: { Parts }, ...claimed }));
      await expect(complete({ ChecksumCRC32: 'AAAAAA==' })).rejects.toEqual(refused('BadDigest', 400));
      await expect(complete({ ChecksumCRC64NVME: whole('CRC64NVME') })).rejects.toEqual(refused('InvalidRequest', 400));
      expect(
        await complete({ ChecksumCRC32: whole('CRC32'), ChecksumType: 'FULL_OBJECT', MpuObjectSize: bytes.length }),
      ).toMatchObject({ ChecksumCRC32: whole('CRC32'), ChecksumType: 'FULL_OBJECT' });
    }

    const upload = await new Upload({ client: s3, params: { Bucket, Key: 'composite', Body: bytes } }).done();
    expect(upload.ChecksumCRC32).toMatch(/-2$/);
    expect(
      (await s3.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/composite` })))
        .CopyObjectResult,
    ).toMatchObject({ ChecksumCRC32: whole('CRC32'), ChecksumType: 'FULL_OBJECT' });
  });

  test('read by their numbers', async () => {
    const bytes = randomBytes(5 * mebi + 9);
    await new Upload({ client: s3, params: { Bucket, Key: 'parts', Body: bytes } }).done();
    await put('single', 'hello');
    await put('empty', '');
    const second = await s3.send(new GetObjectCommand({ Bucket, Key: 'parts', PartNumber: 2 }));
    expect([
      Buffer.from(await second.Body!.transformToByteArray()).equals(bytes.subarray(5 * mebi)),
      second.PartsCount,
      second.ContentRange,
      second.$metadata.httpStatusCode,
    ]).toEqual([true, 2, `bytes ${5 * mebi}-${bytes.length - 1}/${bytes.length}`, 206]);
    expect(await s3.send(new HeadObjectCommand({ Bucket, Key: 'parts', PartNumber: 1 }))).toMatchObject({
      ContentLength: 5 * mebi,
      PartsCount: 2,
    });
    await expect(get('parts', { PartNumber: 3 })).rejects.toEqual(refused('InvalidPartNumber', 416));
    await expect(get('parts', { PartNumber: 1, Range: 'bytes=0-1' })).rejects.toEqual(refused('InvalidRequest', 400));
    expect([
      (await get('single', { PartNumber: 1 })).toString(),
      (await get('empty', { PartNumber: 1 })).length,
    ]).toEqual(['hello', 0]);
    expect((await s3.send(new HeadObjectCommand({ Bucket, Key: 'single', PartNumber: 1 }))).PartsCount).toBeUndefined();
  });

  test('small parts are refused, but the last', async () => {
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'small' }));
    const Parts = [];
    for (const PartNumber of [1, 2])
      Parts.push({
        PartNumber,
        ETag: (await s3.send(new UploadPartCommand({ Bucket, Key: 'small', UploadId, PartNumber, Body: 'x' }))).ETag,
      });
    await expect(
      s3.send(new CompleteMultipartUploadCommand({ Bucket, Key: 'small', UploadId, MultipartUpload: { Parts } })),
    ).rejects.toEqual(refused('EntityTooSmall', 400));
  });
});
