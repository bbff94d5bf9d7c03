/**
 * What the disk's files do beyond the port: nothing stays open, nothing stays behind, a delete may have a condition.
 */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ManualClock } from '../../core/clock.ts';
import { FilePreconditionFailed } from '../../core/files.ts';
import type { DiskFiles } from '../../local/disk-files.ts';
import { openDiskFiles } from '../support/files-door.ts';
import { temporaryFolder, testStart } from '../support/state.ts';

let files: DiskFiles;
let folder: string;
let remove: () => void;
beforeEach(async () => {
  ({ folder, remove } = temporaryFolder());
  files = openDiskFiles(folder, new ManualClock(testStart));
  await files.createBucket('bucket');
});
afterEach(async () => {
  await files.close();
  remove();
});

const contents = (): string[] => readdirSync(path.join(folder, 'files', 'contents'));

test('a body that is refused unread is let go', async () => {
  await files.put('bucket', 'key', Buffer.from('old'));
  const body = Readable.from([Buffer.from('new')]);
  await expect(files.put('bucket', 'key', body, { ifNoneMatch: '*' })).rejects.toBeInstanceOf(FilePreconditionFailed);
  expect(body.destroyed).toBe(true);
  expect(contents()).toHaveLength(1);
});

test('the source of a copy that was refused can be removed', async () => {
  await files.put('bucket', 'key', Buffer.from('old'));
  const source = await files.get('bucket', 'key');
  await expect(files.put('bucket', 'key', source!.body, { ifNoneMatch: '*' })).rejects.toBeInstanceOf(
    FilePreconditionFailed,
  );
  if (!source!.body.closed) await new Promise((resolve) => source!.body.once('close', resolve));
  await files.delete('bucket', 'key');
  expect(contents()).toEqual([]);
});

test('of many that delete what they saw one does', async () => {
  const { etag } = await files.put('bucket', 'key', Buffer.from('x'));
  const outcomes = await Promise.allSettled(
    Array.from({ length: 5 }, () => files.deleteObject('bucket', 'key', { when: (info) => info?.etag === etag })),
  );
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(await files.head('bucket', 'key')).toBeUndefined();
});

test('a marker is nothing to a condition', async () => {
  await files.buckets.setVersioning('bucket', 'Enabled');
  await files.put('bucket', 'key', Buffer.from('x'));
  await files.delete('bucket', 'key');
  await expect(files.deleteObject('bucket', 'key', { when: (info) => info !== undefined })).rejects.toBeInstanceOf(
    FilePreconditionFailed,
  );
  expect((await files.listVersions('bucket', { prefix: '', limit: 10 })).versions).toHaveLength(2);
});

test('the sizes of parts are those of the pieces', async () => {
  for (const [key, text] of [
    ['a', 'one'],
    ['b', ''],
    ['c', 'three'],
  ] as const)
    await files.put('bucket', key, Buffer.from(text));
  await files.join('bucket', 'joined', { bucket: 'bucket', keys: ['a', 'b', 'c'] }, { etag: '"x-3"', checksums: {} });
  expect([await files.partSizes('bucket', 'joined'), await files.partSizes('bucket', 'none')]).toEqual([[3, 5], []]);
});
