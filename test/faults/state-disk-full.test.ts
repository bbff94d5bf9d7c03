/** A disk that is full: a clear error, nothing corrupt, and on as soon as there is space. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ManualClock } from '../../core/clock.ts';
import { queryAll, StateUnavailable } from '../../core/state.ts';
import { openSqliteState, type SqliteState } from '../../local/sqlite-state.ts';
import { temporaryFolder, testStart } from '../support/state.ts';

const { folder, remove } = temporaryFolder();
const disk = path.join(folder, 'disk');
mkdirSync(disk);
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', disk]).status === 0;

describe.skipIf(!mounted)(`a full disk${mounted ? '' : ' (skipped: this machine allows no mounts)'}`, () => {
  const file = path.join(disk, 'state.db');
  const ballast = path.join(disk, 'ballast');
  const clock = new ManualClock(testStart);
  const acknowledged = new Map<string, number>();
  let state: SqliteState;
  let next = 0;

  const write = async (): Promise<void> => {
    const n = next++;
    const sk = String(n).padStart(6, '0');
    const half = { n, text: 'x'.repeat(3000) };
    await state.transact([
      {
        put: { pk: 'LEFT', sk },
        body: half,
        events: [{ id: `e-${n}`, detailType: 'Written', time: n, resources: [], detail: {} }],
      },
      { put: { pk: 'RIGHT', sk }, body: half },
    ]);
    acknowledged.set(sk, n);
  };
  const fill = async (): Promise<Error> => {
    for (let turn = 0; turn < 5000; turn++) {
      const results = await Promise.allSettled([write(), write(), write()]);
      const failed = results.filter((result) => result.status === 'rejected');
      if (failed.length === 0) continue;
      // One turn, one fate.
      expect(failed).toHaveLength(3);
      return failed[0]!.reason as Error;
    }
    throw new Error('the disk is never full');
  };
  const expectWhole = async (): Promise<void> => {
    const left = await queryAll<{ n: number }>(state, { pk: 'LEFT' });
    expect(left.map(({ sk, body }) => [sk, body.n])).toEqual([...acknowledged]);
    expect(await queryAll(state, { pk: 'RIGHT' })).toHaveLength(left.length);
    expect(await state.readChanges(0, 100_000)).toHaveLength(left.length);
  };

  beforeAll(() => {
    writeFileSync(ballast, Buffer.alloc(4 * 1024 * 1024));
    state = openSqliteState({ file, clock });
  });

  afterAll(async () => {
    await state.close();
    spawnSync('umount', [disk]);
    remove();
  });

  test('is told of as such, and what was acknowledged can be read', async () => {
    const error = await fill();
    expect(error).toBeInstanceOf(StateUnavailable);
    expect(error.message).toMatch(/nothing was changed/);
    expect(String(error.cause)).toMatch(/full|disk/i);
    expect(acknowledged.size).toBeGreaterThan(100);
    await expectWhole();
    // Again and again, and no worse. What three writes together found no room for, one alone may still find.
    for (let refused = 0, tries = 0; refused < 5; tries++) {
      const [result] = await Promise.allSettled([write()]);
      if (result.status === 'rejected') {
        expect(result.reason).toBeInstanceOf(StateUnavailable);
        refused++;
      }
      expect(tries).toBeLessThan(1000);
    }
    await expectWhole();
  });

  test('does not keep a Flotilla from starting and reading', async () => {
    await state.close();
    state = openSqliteState({ file, clock });
    await expectWhole();
  });

  test('with space again, writes go on', async () => {
    rmSync(ballast);
    const before = acknowledged.size;
    for (let turn = 0; turn < 30; turn++) await write();
    expect(acknowledged.size).toBe(before + 30);
    await expectWhole();
  });

  test('has harmed nothing', async () => {
    await state.close();
    const outside = new DatabaseSync(file);
    expect(outside.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
    outside.close();
    state = openSqliteState({ file, clock });
    await expectWhole();
  });
});
