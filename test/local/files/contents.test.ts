/** Contents of objects on the disk: stretches of pieces, readers and removals, what a crash leaves. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ManualClock } from '../../../core/clock.ts';
import { SourceGone } from '../../../functions/files-door/object-store.ts';
import { Contents, stretches } from '../../../local/files/contents.ts';
import { openDiskFiles } from '../../support/files-door.ts';
import { temporaryFolder, testStart } from '../../support/state.ts';

const read = async (body: Readable): Promise<Buffer> => Buffer.concat((await body.toArray()) as Buffer[]);

test('a range of pieces is that of the whole', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ minLength: 1, maxLength: 9 }), { minLength: 1, maxLength: 6 }),
      fc.nat(),
      fc.nat(),
      (texts, one, other) => {
        const whole = texts.join('');
        const [start, end] = [one % whole.length, other % whole.length].sort((left, right) => left - right) as [
          number,
          number,
        ];
        const pieces = texts.map((text, place) => ({ content: String(place), size: text.length }));
        const joined = stretches(pieces, { start, end }).map((stretch) =>
          texts[Number(stretch.content)]!.slice(stretch.start, stretch.end + 1),
        );
        expect(joined.join('')).toBe(whole.slice(start, end + 1));
        expect(stretches(pieces)).toHaveLength(texts.length);
      },
    ),
  );
});

test('what is being read goes when it has been read', async ({ onTestFinished }) => {
  const { folder, remove } = temporaryFolder();
  onTestFinished(remove);
  const contents = new Contents(folder);
  const bytes = randomBytes(500_000);
  const { content, size } = await contents.write(bytes);
  const [one, other] = [contents.read([{ content, size }]), contents.read([{ content, size }], { start: 0, end: 9 })];
  await contents.remove([content]);
  expect(readdirSync(folder)).toEqual([content]);
  expect((await read(other)).equals(bytes.subarray(0, 10))).toBe(true);
  expect((await read(one)).equals(bytes)).toBe(true);
  await expect.poll(() => readdirSync(folder)).toEqual([]);
  contents.close();
});

test('what a crash left is removed at the next start, and nothing else', async ({ onTestFinished }) => {
  const { folder, remove } = temporaryFolder();
  onTestFinished(remove);
  const contents = path.join(folder, 'files', 'contents');
  mkdirSync(contents, { recursive: true });
  writeFileSync(path.join(contents, 'half-written'), 'x');
  const first = openDiskFiles(folder, new ManualClock(testStart));
  await first.createBucket('b');
  await first.put('b', 'key', Buffer.from('kept'));
  await expect.poll(() => readdirSync(contents)).toHaveLength(1);
  await first.close();
  const second = openDiskFiles(folder, new ManualClock(testStart));
  expect((await read((await second.get('b', 'key'))!.body)).toString()).toBe('kept');
  expect(await second.buckets.list()).toEqual([{ name: 'b', createdAt: testStart }]);
  await second.close();
});

test('joining moves: the parts are gone, the object has them, and what it replaced is off the disk', async ({
  onTestFinished,
}) => {
  const { folder, remove } = temporaryFolder();
  const files = openDiskFiles(folder, new ManualClock(testStart));
  onTestFinished(async () => {
    await files.close();
    remove();
  });
  for (const bucket of ['parts', 'b']) await files.createBucket(bucket);
  await files.put('b', 'whole', Buffer.from('before'));
  for (const [key, text] of [
    ['1', 'one '],
    ['2', ''],
    ['3', 'three'],
  ] as const)
    await files.put('parts', key, Buffer.from(text));
  const join = (...keys: string[]) =>
    files.join('b', 'whole', { bucket: 'parts', keys }, { etag: '"e-3"', checksums: {} });
  await expect(join('1', 'none')).rejects.toBeInstanceOf(SourceGone);
  expect(await join('1', '2', '3')).toMatchObject({ size: 9, etag: '"e-3"' });
  expect((await read((await files.get('b', 'whole'))!.body)).toString()).toBe('one three');
  expect((await read((await files.get('b', 'whole', { start: 2, end: 5 }))!.body)).toString()).toBe('e th');
  expect((await files.list('parts')).files).toEqual([]);
  expect(readdirSync(path.join(folder, 'files', 'contents'))).toHaveLength(2);
});
