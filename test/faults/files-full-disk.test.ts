/** A full disk: uploads are refused with an error that says so, what is there stays, and it goes on with space. */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { S3Files } from '../../aws/s3-files.ts';
import { openFilesDoor, type RunningFilesDoor } from '../support/files-door.ts';
import { temporaryFolder } from '../support/state.ts';

const { folder, remove } = temporaryFolder();
const disk = path.join(folder, 'disk');
mkdirSync(disk);
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', disk]).status === 0;
const temporary = process.env['TMPDIR'];

describe.skipIf(!mounted)(`a full disk${mounted ? '' : ' (skipped: this machine allows no mounts)'}`, () => {
  let door: RunningFilesDoor;
  const ballast = path.join(disk, 'ballast');
  beforeAll(async () => {
    // The door's folder lies on the small disk.
    process.env['TMPDIR'] = disk;
    door = await openFilesDoor();
    writeFileSync(ballast, Buffer.alloc(6 * 1024 * 1024));
  });
  afterAll(async () => {
    if (temporary === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = temporary;
    await door.close();
    spawnSync('umount', [disk]);
    remove();
  });

  test('refused while it is full, taken again afterwards', async () => {
    const s3 = door.client();
    await door.files.createBucket('bucket');
    const kept = randomBytes(1_000_000);
    await s3.send(new PutObjectCommand({ Bucket: 'bucket', Key: 'kept', Body: kept }));
    let refused: unknown;
    for (let turn = 0; turn < 60 && refused === undefined; turn++) {
      await s3
        .send(new PutObjectCommand({ Bucket: 'bucket', Key: `ballast-${turn}`, Body: randomBytes(700_000) }))
        .catch((error: unknown) => (refused = error));
    }
    expect(refused).toMatchObject({ name: 'ServiceUnavailable', $metadata: { httpStatusCode: 503 } });
    // To the last byte, so that the index has no room either.
    for (const size of [100_000, 10_000, 1000])
      await Promise.allSettled(
        Array.from({ length: 20 }, (_, place) => door.files.put('bucket', `rest-${size}-${place}`, Buffer.alloc(size))),
      );
    await expect(
      s3.send(new PutObjectCommand({ Bucket: 'bucket', Key: 'kept', Body: randomBytes(700_000) })),
    ).rejects.toMatchObject({ name: 'ServiceUnavailable' });
    const read = await s3.send(new GetObjectCommand({ Bucket: 'bucket', Key: 'kept' }));
    expect(Buffer.from(await read.Body!.transformToByteArray()).equals(kept)).toBe(true);

    rmSync(ballast);
    await s3.send(new PutObjectCommand({ Bucket: 'bucket', Key: 'after', Body: kept }));
    await new S3Files({ region: 'us-east-1', s3 }).put('bucket', 'streamed', Readable.from([kept]));
    const { files } = await door.files.list('bucket');
    expect(files.map(({ key }) => key)).toEqual(expect.arrayContaining(['after', 'kept', 'streamed']));
    // No content without an object: what failed was taken away at once.
    expect(readdirSync(path.join(door.folder, 'files', 'contents'))).toHaveLength(
      files.filter(({ size }) => size > 0).length,
    );
  });
});
