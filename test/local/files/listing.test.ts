/** Pages of lists: what they hold, and that they cost what they hold, wherever they begin. */
import { DatabaseSync } from 'node:sqlite';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ManualClock } from '../../../core/clock.ts';
import { pageOf, type Start } from '../../../local/files/listing.ts';
import { openDiskFiles } from '../../support/files-door.ts';
import { temporaryFolder, testStart } from '../../support/state.ts';

interface Row {
  readonly key: string;
}

const inByteOrder = (one: string, other: string): number => Buffer.compare(Buffer.from(one), Buffer.from(other));

/** Sorted rows as an index gives them, with a count of those that were read. */
function index(
  keys: readonly string[],
  prefix: string,
): { readonly rows: (start: Start) => Iterable<Row>; readonly read: () => number } {
  let read = 0;
  return {
    read: () => read,
    rows: function* (start) {
      for (const key of keys) {
        const place = inByteOrder(key, start.key);
        if (!key.startsWith(prefix) || place < 0 || (place === 0 && !start.inclusive)) continue;
        read++;
        yield { key };
      }
    },
  };
}

const anyKey = fc.string({ unit: fc.constantFrom('a', 'b', '/', '\u{10ffff}', 'é'), minLength: 1, maxLength: 6 });

test('a list is every key with the prefix once, alone or in its group', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(anyKey, { maxLength: 30 }),
      fc.constantFrom('', 'a', 'a/', '/', 'é', '\u{10ffff}'),
      fc.constantFrom('', '/', 'b', '//', '\u{10ffff}'),
      fc.integer({ min: 1, max: 8 }),
      (unsorted, prefix, delimiter, limit) => {
        const keys = [...unsorted].sort(inByteOrder);
        const wanted = new Set<string>();
        for (const key of keys) {
          if (!key.startsWith(prefix)) continue;
          const at = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
          wanted.add(at < 0 ? `file ${key}` : `group ${key.slice(0, at + delimiter.length)}`);
        }
        const seen: string[] = [];
        const { rows, read } = index(keys, prefix);
        let pages = 0;
        for (let startAfter: string | undefined = ''; startAfter !== undefined; pages++) {
          const page: ReturnType<typeof pageOf<Row>> = pageOf(rows, { prefix, delimiter, limit, startAfter });
          expect(page.files.length + page.prefixes.length).toBeLessThanOrEqual(limit);
          seen.push(...page.files.map(({ key }) => `file ${key}`), ...page.prefixes.map((group) => `group ${group}`));
          startAfter = page.next;
        }
        expect(seen.sort()).toEqual([...wanted].sort());
        // One row for each entry, and the one that tells that there are more.
        expect(read()).toBeLessThanOrEqual(wanted.size + pages);
      },
    ),
    { numRuns: 500 },
  );
});

test('what follows any key', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(anyKey, { maxLength: 20 }),
      anyKey,
      fc.constantFrom('', 'a', 'é'),
      (unsorted, startAfter, prefix) => {
        const keys = [...unsorted].sort(inByteOrder);
        const page = pageOf(index(keys, prefix).rows, { prefix, startAfter });
        expect(page).toEqual({
          files: keys
            .filter((key) => key.startsWith(prefix) && inByteOrder(key, startAfter) > 0)
            .map((key) => ({ key })),
          prefixes: [],
        });
      },
    ),
  );
});

test('among many objects a page costs the same at the end as at the beginning', async ({ onTestFinished }) => {
  const { folder, remove } = temporaryFolder();
  const empty = openDiskFiles(folder, new ManualClock(testStart));
  await empty.createBucket('many');
  await empty.close();
  const many = 60_000;
  const database = new DatabaseSync(path.join(folder, 'files', 'objects.db'));
  const insert = database.prepare(
    `INSERT INTO objects (bucket, key, version, latest, marker, size, etag, last_modified, details) VALUES ('many', ?, 'null', 1, 0, 0, '"e"', 0, '{}')`,
  );
  database.exec('BEGIN');
  for (const prefix of ['logs/', 'zzz/'])
    for (let place = 0; place < many; place++) insert.run(`${prefix}${String(place).padStart(6, '0')}`);
  database.exec('COMMIT');
  database.close();

  const files = openDiskFiles(folder, new ManualClock(testStart));
  onTestFinished(async () => {
    await files.close();
    remove();
  });
  /** The shortest of some, in milliseconds: what else the machine does falls away. */
  const milliseconds = async (operation: () => Promise<unknown>): Promise<number> => {
    let shortest = Infinity;
    for (let time = 0; time < 10; time++) {
      const begun = performance.now();
      await operation();
      shortest = Math.min(shortest, performance.now() - begun);
    }
    return shortest;
  };
  const first = await milliseconds(() => files.list('many', { prefix: 'logs/' }));
  const last = `logs/${String(many - 900).padStart(6, '0')}`;
  // A walk from the first row, or on to the last, takes hundreds of times as long.
  expect(
    await milliseconds(async () =>
      expect((await files.list('many', { prefix: 'logs/', startAfter: last })).files).toHaveLength(899),
    ),
  ).toBeLessThan(30 * first);
  expect(
    await milliseconds(async () =>
      expect(
        (await files.listVersions('many', { prefix: 'logs/', after: { key: last }, limit: 1000 })).versions,
      ).toHaveLength(899),
    ),
  ).toBeLessThan(30 * first);
  expect(
    await milliseconds(async () =>
      expect(await files.list('many', { delimiter: '/' })).toEqual({ files: [], prefixes: ['logs/', 'zzz/'] }),
    ),
  ).toBeLessThan(30 * first);
});
