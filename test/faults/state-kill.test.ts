/** kill -9 of a process that writes the state file: what it acknowledged is there, and nothing by halves. */
import { DatabaseSync } from 'node:sqlite';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { ManualClock } from '../../core/clock.ts';
import { queryAll } from '../../core/state.ts';
import { openSqliteState } from '../../local/sqlite-state.ts';
import { startChild } from '../support/child.ts';
import { temporaryFolder, testStart } from '../support/state.ts';

const kills = 20;

test(`${kills} kills of a writer: nothing acknowledged is lost, no transaction is torn, no event without its write`, async () => {
  const { folder, remove } = temporaryFolder();
  const file = path.join(folder, 'state.db');
  const acknowledged = new Set<number>();
  for (let kill = 0; kill < kills; kill++) {
    const child = startChild(path.join(import.meta.dirname, 'state-writer.ts'), [file, String(kill * 1_000_000)]);
    expect((await child.lines.next()).value).toBe('ready');
    const reading = (async () => {
      for await (const line of child.lines) acknowledged.add(Number(line));
    })();
    await sleep(20 + Math.random() * 180);
    expect(await child.kill('SIGKILL')).toBe('SIGKILL');
    await reading;

    const outside = new DatabaseSync(file);
    expect(outside.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
    outside.close();
  }
  expect(acknowledged.size).toBeGreaterThan(kills * 10);

  const state = openSqliteState({ file, clock: new ManualClock(testStart) });
  const numbers = (rows: readonly { body: { n: number } }[]): number[] => rows.map(({ body }) => body.n);
  const left = numbers(await queryAll<{ n: number }>(state, { pk: 'LEFT' }));
  const there = new Set(left);
  expect([...acknowledged].filter((n) => !there.has(n))).toEqual([]);
  expect(numbers(await queryAll<{ n: number }>(state, { pk: 'RIGHT' }))).toEqual(left);
  expect(numbers(await queryAll<{ n: number }>(state, { pk: 'INDEX', index: 'index1' }))).toEqual(left);
  const counts = await queryAll<{ writes: number }>(state, { pk: 'COUNT' });
  expect(counts.reduce((sum, { body }) => sum + body.writes, 0)).toBe(left.length);
  const events = (await state.readChanges(0, Number.MAX_SAFE_INTEGER)).map(
    ({ event }) => (event.detail as { n: number }).n,
  );
  expect(events.sort((one, other) => one - other)).toEqual(left);
  await state.close();
  remove();
});
