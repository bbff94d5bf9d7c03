/** Between a write and its acknowledgement lies the disk: seen from outside, in the system calls of the process. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { startChild } from '../support/child.ts';
import { temporaryFolder } from '../support/state.ts';

const traceable = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0;
const why = traceable ? '' : ' (skipped: strace is not installed, or may not trace)';

type Call = { readonly kind: 'wal write' | 'wal sync' | 'acknowledgement'; readonly count: number };

/** The calls that matter, in their order. */
function callsOf(trace: string): Call[] {
  return trace.split('\n').flatMap((line): Call[] => {
    // `1234 pwrite64(21</tmp/…/state.db-wal>, …) = 4096`; unfinished lines name the call when it begins.
    const [, name, target = '', rest = ''] = /^\d+ +(\w+)\(\d+<([^>]*)>(.*)/.exec(line) ?? [];
    if (name === undefined || /= -1 /.test(rest)) return [];
    if (target.endsWith('state.db-wal'))
      return [{ kind: name.startsWith('pwrite') ? 'wal write' : 'wal sync', count: 1 }];
    const [, text = ''] = /^, "((?:\d+\\n)+)"/.exec(rest) ?? [];
    return name === 'write' && text !== '' ? [{ kind: 'acknowledgement', count: text.split('\\n').length - 1 }] : [];
  });
}

async function trace(writers: number, writes: number): Promise<Call[]> {
  const { folder, remove } = temporaryFolder();
  const out = path.join(folder, 'trace');
  const child = startChild(
    path.join(import.meta.dirname, 'state-writer.ts'),
    [path.join(folder, 'state.db'), '0', String(writers), String(writes)],
    ['strace', '-f', '-y', '-e', 'trace=pwrite64,pwritev,fdatasync,fsync,write', '-e', 'signal=none', '-o', out],
  );
  const lines: string[] = [];
  for await (const line of child.lines) lines.push(line);
  expect(await child.ended).toBe(0);
  expect(lines).toHaveLength(writes + 1);
  const calls = callsOf(readFileSync(out, 'utf8'));
  remove();
  return calls;
}

/** Fails where something is acknowledged whose bytes may still be in memory. */
function expectSynced(calls: readonly Call[]): void {
  let unsynced = 0;
  let sinceLast = 0;
  for (const { kind } of calls) {
    if (kind === 'wal write') unsynced++;
    if (kind === 'wal sync') {
      sinceLast += unsynced;
      unsynced = 0;
    }
    if (kind === 'acknowledgement') expect(unsynced).toBe(0);
  }
  expect(sinceLast).toBeGreaterThan(0);
}

const acknowledged = (calls: readonly Call[]): number =>
  calls.reduce((sum, { kind, count }) => (kind === 'acknowledgement' ? sum + count : sum), 0);

test.skipIf(!traceable)(
  `one writer: each acknowledgement follows a write to the WAL and its fdatasync${why}`,
  async () => {
    const calls = await trace(1, 50);
    expectSynced(calls);
    expect(acknowledged(calls)).toBe(50);
    // One after the other: between any two acknowledgements the disk was reached.
    let synced = false;
    for (const { kind } of calls) {
      if (kind === 'wal sync') synced = true;
      if (kind !== 'acknowledgement') continue;
      expect(synced).toBe(true);
      synced = false;
    }
  },
);

test.skipIf(!traceable)(`many writers share an fdatasync, and none is answered before it${why}`, async () => {
  const calls = await trace(16, 320);
  expectSynced(calls);
  expect(acknowledged(calls)).toBe(320);
  const syncs = calls.filter(({ kind }) => kind === 'wal sync').length;
  expect(syncs).toBeGreaterThanOrEqual(320 / 16);
  expect(syncs).toBeLessThan(320 / 4);
});
