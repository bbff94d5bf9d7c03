/** What every implementation of the Files port keeps: files on the disk, and S3's adapter before the S3 door. */
import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { S3Files } from '../../../aws/s3-files.ts';
import { FilePreconditionFailed, NoSuchBucket, type Files } from '../../../core/files.ts';
import { ManualClock } from '../../../core/clock.ts';
import { openDiskFiles, openFilesDoor } from '../../support/files-door.ts';
import { temporaryFolder, testStart } from '../../support/state.ts';

interface Subject {
  readonly files: Files;
  close(): Promise<void>;
}

const implementations: readonly { readonly name: string; readonly open: () => Promise<Subject> }[] = [
  {
    name: 'files on the disk',
    open: async () => {
      const { folder, remove } = temporaryFolder();
      const files = openDiskFiles(folder, new ManualClock(testStart));
      return { files, close: async () => (await files.close(), remove()) };
    },
  },
  ...['us-east-1', 'eu-west-3'].map((region) => ({
    name: `S3 in ${region}, before the S3 door`,
    open: async () => {
      const door = await openFilesDoor({ region });
      return { files: new S3Files({ region, s3: door.client() }), close: () => door.close() };
    },
  })),
];

async function read(body: Readable): Promise<Buffer> {
  return Buffer.concat((await body.toArray()) as Buffer[]);
}

describe.each(implementations)('$name', ({ open }) => {
  let subject: Subject;
  let files: Files;
  let bucket: string;
  beforeAll(async () => {
    subject = await open();
    files = subject.files;
  });
  afterAll(() => subject.close());
  beforeEach(async () => {
    bucket = `bucket-${randomBytes(6).toString('hex')}`;
    await files.createBucket(bucket);
  });

  async function text(key: string): Promise<string | undefined> {
    return (await files.get(bucket, key).then((found) => found && read(found.body)))?.toString();
  }

  test('what is put is got, with all that was said of it', async () => {
    const options = {
      contentType: 'text/csv',
      headers: {
        'cache-control': 'no-cache',
        'content-disposition': 'attachment; filename="a.csv"',
        'content-encoding': 'identity',
        'content-language': 'de',
      },
      metadata: { who: 'me', empty: '' },
    };
    const put = await files.put(bucket, 'a/b.csv', Buffer.from('a,b\r\n'), options);
    const md5 = createHash('md5').update('a,b\r\n').digest('hex');
    expect(put).toMatchObject({ key: 'a/b.csv', size: 5, etag: `"${md5}"`, ...options });
    expect(put.lastModified).toBe(testStart);
    expect(await files.head(bucket, 'a/b.csv')).toMatchObject({
      key: 'a/b.csv',
      size: 5,
      etag: `"${md5}"`,
      lastModified: testStart,
      ...options,
    });
    const got = await files.get(bucket, 'a/b.csv');
    expect(got?.info).toMatchObject({ key: 'a/b.csv', size: 5, ...options });
    expect((await read(got!.body)).toString()).toBe('a,b\r\n');
  });

  test('an empty object', async () => {
    expect(await files.put(bucket, 'empty', new Uint8Array())).toMatchObject({ size: 0 });
    const got = await files.get(bucket, 'empty');
    expect([got?.info.size, (await read(got!.body)).length]).toEqual([0, 0]);
  });

  test('a stream of many megabytes', async () => {
    const bytes = randomBytes(12 * 1024 * 1024 + 7);
    const pieces = Array.from({ length: Math.ceil(bytes.length / 100_000) }, (_, place) =>
      bytes.subarray(place * 100_000, (place + 1) * 100_000),
    );
    expect(await files.put(bucket, 'large', Readable.from(pieces))).toMatchObject({ size: bytes.length });
    const got = await files.get(bucket, 'large');
    expect((await read(got!.body)).equals(bytes)).toBe(true);
    const middle = await files.get(bucket, 'large', { start: 5_000_000, end: 6_000_000 });
    expect((await read(middle!.body)).equals(bytes.subarray(5_000_000, 6_000_001))).toBe(true);
  });

  test('a range is of both ends; its info is the whole object', async () => {
    await files.put(bucket, 'digits', Buffer.from('0123456789'));
    const got = await files.get(bucket, 'digits', { start: 2, end: 5 });
    expect([got?.info.size, (await read(got!.body)).toString()]).toEqual([10, '2345']);
    expect((await read((await files.get(bucket, 'digits', { start: 9, end: 9 }))!.body)).toString()).toBe('9');
  });

  test('what is not there is undefined', async () => {
    expect([await files.get(bucket, 'none'), await files.head(bucket, 'none')]).toEqual([undefined, undefined]);
    await files.delete(bucket, 'none');
  });

  test('a second put replaces, a delete removes', async () => {
    await files.put(bucket, 'key', Buffer.from('one'), { metadata: { a: '1' } });
    await files.put(bucket, 'key', Buffer.from('two'));
    expect([await text('key'), (await files.head(bucket, 'key'))?.metadata ?? {}]).toEqual(['two', {}]);
    await files.delete(bucket, 'key');
    expect(await text('key')).toBeUndefined();
  });

  test('who reads while it is replaced reads on', async () => {
    const before = randomBytes(3_000_000);
    await files.put(bucket, 'key', before);
    const got = await files.get(bucket, 'key');
    await files.put(bucket, 'key', Buffer.from('after'));
    await files.delete(bucket, 'key');
    expect((await read(got!.body)).equals(before)).toBe(true);
  });

  test('a body that fails leaves what was there', async () => {
    await files.put(bucket, 'key', Buffer.from('before'));
    const failing = Readable.from(
      (function* () {
        yield Buffer.from('half');
        throw new Error('the source broke');
      })(),
    );
    await expect(files.put(bucket, 'key', failing)).rejects.toThrow('the source broke');
    expect(await text('key')).toBe('before');
  });

  test('conditions', async () => {
    const first = await files.put(bucket, 'key', Buffer.from('one'), { ifNoneMatch: '*' });
    await expect(files.put(bucket, 'key', Buffer.from('two'), { ifNoneMatch: '*' })).rejects.toBeInstanceOf(
      FilePreconditionFailed,
    );
    await expect(
      files.put(bucket, 'key', Buffer.from('two'), { ifMatch: '"0123456789abcdef0123456789abcdef"' }),
    ).rejects.toBeInstanceOf(FilePreconditionFailed);
    await files.put(bucket, 'key', Buffer.from('two'), { ifMatch: first.etag });
    expect(await text('key')).toBe('two');
  });

  test('of many that store an absent object one wins', async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 8 }, (_, place) =>
        files.put(bucket, 'one', Buffer.from(String(place)), { ifNoneMatch: '*' }),
      ),
    );
    const won = results.flatMap((result, place) => (result.status === 'fulfilled' ? [String(place)] : []));
    expect(won).toEqual([await text('one')]);
    for (const result of results)
      if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(FilePreconditionFailed);
  });

  test('an absent bucket is an error of its own', async () => {
    const absent = `absent-${bucket}`;
    expect([await files.bucketExists(bucket), await files.bucketExists(absent)]).toEqual([true, false]);
    await expect(files.put(absent, 'key', Buffer.from('x'))).rejects.toBeInstanceOf(NoSuchBucket);
    await expect(files.get(absent, 'key')).rejects.toBeInstanceOf(NoSuchBucket);
    await expect(files.list(absent)).rejects.toBeInstanceOf(NoSuchBucket);
    await expect(files.delete(absent, 'key')).rejects.toBeInstanceOf(NoSuchBucket);
    await files.createBucket(bucket);
  });

  test('lists are in byte order, by prefix, group and page', async () => {
    // 'ﬀ' sorts before '😀' in UTF-8 and behind it in UTF-16.
    const keys = ['a', 'a/', 'a/1', 'a/b/2', 'a/b/3', 'a/c', 'b', 'ﬀ', '😀', '%41', 'with space', 'plus+and&<">'];
    for (const key of keys) await files.put(bucket, key, Buffer.from(key));
    const sorted = [...keys].sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
    const all = await files.list(bucket);
    expect([all.files.map(({ key }) => key), all.prefixes, all.next]).toEqual([sorted, [], undefined]);
    expect(all.files[0]).toMatchObject({
      key: '%41',
      size: 3,
      etag: `"${createHash('md5').update('%41').digest('hex')}"`,
      lastModified: testStart,
    });
    const below = await files.list(bucket, { prefix: 'a/', delimiter: '/' });
    expect([below.files.map(({ key }) => key), below.prefixes]).toEqual([['a/', 'a/1', 'a/c'], ['a/b/']]);
    expect((await files.list(bucket, { startAfter: 'a/b/2', prefix: 'a' })).files.map(({ key }) => key)).toEqual([
      'a/b/3',
      'a/c',
    ]);
  });

  test('pages of any size hold what one page holds', async () => {
    const keys = ['a/1', 'a/2', 'a/b/1', 'b', 'c/1', 'c/2', 'd', 'é/1', 'é/2', 'z'];
    for (const key of keys) await files.put(bucket, key, Buffer.from(''));
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 12 }),
        fc.constantFrom('', '/'),
        fc.constantFrom('', 'a', 'a/', 'c/', 'é', 'nothing'),
        async (limit, delimiter, prefix) => {
          const whole = await files.list(bucket, { delimiter, prefix });
          const seen: string[] = [];
          const groups: string[] = [];
          for (let startAfter: string | undefined, first = true; first || startAfter !== undefined; first = false) {
            const page = await files.list(bucket, { delimiter, prefix, limit, startAfter });
            expect(page.files.length + page.prefixes.length).toBeLessThanOrEqual(limit);
            seen.push(...page.files.map(({ key }) => key));
            groups.push(...page.prefixes);
            startAfter = page.next;
          }
          expect([seen, groups]).toEqual([whole.files.map(({ key }) => key), whole.prefixes]);
        },
      ),
      { numRuns: 40 },
    );
  });

  test('any key is itself', async () => {
    const segment = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
    const anyKey = fc.oneof(
      fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/')),
      fc.constantFrom(
        '..',
        '../../etc/passwd',
        './a',
        'a//b',
        '/leading',
        'trailing/',
        '%2F',
        '+',
        ' ',
        '?',
        '#',
        'a?versionId=1',
        "q'uote",
      ),
    );
    await fc.assert(
      fc.asyncProperty(anyKey, fc.uint8Array({ maxLength: 100 }), async (key, bytes) => {
        fc.pre(Buffer.byteLength(key) <= 1024 && key.isWellFormed());
        await files.put(bucket, key, bytes);
        const got = await files.get(bucket, key);
        expect((await read(got!.body)).equals(Buffer.from(bytes))).toBe(true);
        expect((await files.list(bucket, { prefix: key })).files[0]?.key).toBe(key);
        await files.delete(bucket, key);
        expect(await files.head(bucket, key)).toBeUndefined();
      }),
      { numRuns: 60 },
    );
  });
});
