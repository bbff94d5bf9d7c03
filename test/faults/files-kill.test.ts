/** kill -9 of whoever stores objects: what was acknowledged is whole, nothing is half, nothing is left over. */
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { SystemClock } from '../../core/clock.ts';
import { startChild } from '../support/child.ts';
import { eventually } from '../support/flotilla-process.ts';
import { openDiskFiles } from '../support/files-door.ts';
import { temporaryFolder } from '../support/state.ts';

const kills = 15;

test(`${kills} kills in mid-write`, async ({ onTestFinished }) => {
  const { folder, remove } = temporaryFolder();
  onTestFinished(remove);
  const acknowledged = new Set<string>();
  for (let round = 0; round < kills; round++) {
    const writer = startChild(path.join(import.meta.dirname, 'files-writer.ts'), [folder, String(round)]);
    const reading = (async () => {
      for await (const key of writer.lines) acknowledged.add(key);
    })();
    const before = acknowledged.size;
    await eventually('the first object', () => (acknowledged.size > before ? true : undefined));
    await sleep(50 + Math.random() * 300);
    await writer.kill('SIGKILL');
    await reading;
  }
  expect(acknowledged.size).toBeGreaterThan(kills * 4);

  const files = openDiskFiles(folder, new SystemClock());
  const stored = new Set<string>();
  let startAfter: string | undefined;
  do {
    const page = await files.list('bucket', { startAfter });
    for (const { key } of page.files) {
      stored.add(key);
      const found = await files.get('bucket', key);
      const hash = createHash('sha256');
      for await (const chunk of found!.body as AsyncIterable<Buffer>) hash.update(chunk);
      expect(hash.digest('hex'), key).toBe(found!.info.metadata?.['sha256']);
    }
    startAfter = page.next;
  } while (startAfter !== undefined);
  expect([...acknowledged].filter((key) => !stored.has(key))).toEqual([]);
  // What the kills left half-written is gone; every object has the one content.
  await files.close();
  expect(readdirSync(path.join(folder, 'files', 'contents'))).toHaveLength(stored.size);
});
