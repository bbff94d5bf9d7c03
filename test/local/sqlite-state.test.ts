/** The state file itself: what survives, who may read it, what is removed, who else may open it. */
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ManualClock } from '../../core/clock.ts';
import { queryAll, StateLimitExceeded, StateUnavailable, type Key } from '../../core/state.ts';
import { FolderInUse, lockDataFolder, openSqliteState, type SqliteState } from '../../local/sqlite-state.ts';
import { startChild } from '../support/child.ts';
import { temporaryFolder, testStart } from '../support/state.ts';

let folder: string;
let remove: () => void;
let file: string;
let clock: ManualClock;
let state: SqliteState;

beforeEach(() => {
  ({ folder, remove } = temporaryFolder());
  file = path.join(folder, 'data', 'state.db');
  clock = new ManualClock(testStart);
  state = openSqliteState({ file, clock });
});

afterEach(async () => {
  await state.close();
  remove();
});

const seconds = (): number => clock.now() / 1000;
const key = (sk: string, pk = 'P'): Key => ({ pk, sk });
const event = (id: string) => ({ id, detailType: 'Test', time: 1, resources: [], detail: {} });
const count = (table: string): number => {
  const outside = new DatabaseSync(file, { readOnly: true });
  const [row] = outside.prepare(`SELECT count(*) AS n FROM ${table}`).all();
  outside.close();
  return row!['n'] as number;
};

describe('the file', () => {
  test('is read by its owner alone, and so are the files beside it', async () => {
    await state.write({ put: key('a'), body: {} });
    const files = readdirSync(path.dirname(file));
    expect(files).toEqual(expect.arrayContaining(['state.db', 'state.db-wal']));
    for (const name of files) expect(statSync(path.join(path.dirname(file), name)).mode & 0o077, name).toBe(0);
    expect(statSync(path.dirname(file)).mode & 0o077).toBe(0);
  });

  test('keeps rows, index entries and events from start to start; the numbers of changes go on', async () => {
    await state.write({ put: key('a'), body: { n: 1 }, indexes: { index1: key('i', 'I') }, events: [event('1')] });
    await state.deleteChanges([(await state.readChanges(0, 10))[0]!.seq]);
    await state.write({ update: key('a'), add: { n: 1 }, events: [event('2')] });
    await state.close();
    state = openSqliteState({ file, clock });
    const row = { ...key('a'), version: 2, body: { n: 2 } };
    expect(await state.get(key('a'))).toEqual(row);
    expect(await state.query({ pk: 'I', index: 'index1' })).toEqual({ rows: [row] });
    expect(await state.readChanges(0, 10)).toEqual([{ seq: 2, event: event('2') }]);
    await state.deleteChanges([2]);
    await state.close();
    state = openSqliteState({ file, clock });
    await state.write({ delete: key('a'), events: [event('3')] });
    // A dispatcher that has seen 2 must not miss it.
    expect((await state.readChanges(2, 10)).map(({ seq }) => seq)).toEqual([3]);
  });

  test('of a later Flotilla is left alone', async () => {
    await state.close();
    const outside = new DatabaseSync(file);
    outside.exec('PRAGMA user_version = 99');
    outside.close();
    expect(() => openSqliteState({ file, clock })).toThrow(/version 99/);
  });

  test('of an earlier Flotilla is brought up to date, once, with all that it holds', async () => {
    await state.close();
    const old = path.join(folder, 'old.db');
    const outside = new DatabaseSync(old);
    outside.exec(`
      CREATE TABLE rows (
        pk TEXT NOT NULL, sk TEXT NOT NULL, version INTEGER NOT NULL, body TEXT NOT NULL, expires_at INTEGER,
        index1_pk TEXT, index1_sk TEXT, index2_pk TEXT, index2_sk TEXT,
        PRIMARY KEY (pk, sk)
      );
      CREATE INDEX rows_by_expiry ON rows (expires_at) WHERE expires_at IS NOT NULL;
      CREATE TABLE index_rows (
        number INTEGER NOT NULL, index_pk TEXT NOT NULL, index_sk TEXT NOT NULL, pk TEXT NOT NULL, sk TEXT NOT NULL,
        PRIMARY KEY (number, index_pk, index_sk, pk, sk)
      ) WITHOUT ROWID;
      CREATE TABLE changes (seq INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL);
      INSERT INTO rows VALUES ('P', 'a', 3, '{"n":1}', ${seconds() + 60}, 'I', '1', 'J', '1');
      INSERT INTO index_rows VALUES (1, 'I', '1', 'P', 'a'), (2, 'J', '1', 'P', 'a');
      INSERT INTO changes (event) VALUES ('{"id":"1"}');
      PRAGMA user_version = 1;
    `);
    outside.close();
    const row = { ...key('a'), version: 3, body: { n: 1 }, expiresAt: seconds() + 60 };
    for (let start = 1; start <= 2; start++) {
      state = openSqliteState({ file: old, clock });
      expect(await state.get(key('a'))).toEqual(row);
      expect((await state.query({ pk: 'I', index: 'index1' })).rows).toEqual([row]);
      expect((await state.query({ pk: 'J', index: 'index1' })).rows).toEqual([]);
      expect((await state.readChanges(0, 10)).map(({ event: { id } }) => id)).toEqual(['1']);
      await state.close();
    }
    state = openSqliteState({ file: old, clock });
    expect(await state.write({ update: key('a'), indexes: { index1: null }, shape: 2 })).toMatchObject({ version: 4 });
    expect((await state.query({ pk: 'I', index: 'index1' })).rows).toEqual([]);
  });

  test('that is none is left alone', () => {
    const other = path.join(folder, 'other.db');
    writeFileSync(other, 'no database, but long enough for one: '.repeat(200));
    expect(() => openSqliteState({ file: other, clock })).toThrow(/not a database/);
  });
});

describe('changes', () => {
  test('come in the order of their writes, in pages', async () => {
    await state.transact([
      { put: key('a'), body: {}, events: [event('1'), event('2')] },
      { delete: key('b'), events: [event('3')] },
    ]);
    await state.write({ update: key('a'), events: [event('4')] });
    const first = await state.readChanges(0, 3);
    expect(first.map(({ event: { id } }) => id)).toEqual(['1', '2', '3']);
    expect((await state.readChanges(first.at(-1)!.seq, 3)).map(({ event: { id } }) => id)).toEqual(['4']);
    await state.deleteChanges(first.map(({ seq }) => seq));
    expect((await state.readChanges(0, 10)).map(({ event: { id } }) => id)).toEqual(['4']);
  });
});

describe('the sweep', () => {
  test('removes what has expired, index entries too, and nothing else', async () => {
    const rows = Array.from({ length: 1200 }, (_, n) => ({
      put: key(`${n}`),
      body: {},
      indexes: { index1: key(`${n}`, 'I') },
      expiresAt: seconds() + 60 + (n % 2),
    }));
    await state.batch([
      ...rows,
      { put: key('stays'), body: {} },
      { put: key('later'), body: {}, expiresAt: seconds() + 3600 },
    ]);
    clock.advance(60_000);
    await state.sweep();
    expect([count('rows'), count('index_rows')]).toEqual([602, 600]);
    clock.advance(1000);
    await state.sweep();
    expect([count('rows'), count('index_rows')]).toEqual([2, 0]);
    expect((await queryAll(state, { pk: 'P' })).map(({ sk }) => sk)).toEqual(['later', 'stays']);
  });

  test('spares a row that was given more time, or none', async () => {
    await state.batch(['a', 'b'].map((sk) => ({ put: key(sk), body: {}, expiresAt: seconds() + 60 })));
    clock.advance(59_000);
    await state.write({ update: key('a'), expiresAt: seconds() + 3600 });
    await state.write({ update: key('b'), expiresAt: null });
    clock.advance(1000);
    await state.sweep();
    expect(count('rows')).toBe(2);
  });
});

describe('indexes held back', () => {
  test('show neither what came nor what went, until they are released; the table shows both', async () => {
    const inIndex = async (pk: string): Promise<string[]> =>
      (await state.query({ pk, index: 'index1' })).rows.map(({ sk }) => sk);
    await state.write({ put: key('old'), body: {}, indexes: { index1: key('1', 'I') } });
    state.holdIndexes();
    await state.write({ put: key('new'), body: {}, indexes: { index1: key('2', 'I') } });
    await state.write({ update: key('old'), indexes: { index1: key('1', 'J') } });
    expect([await inIndex('I'), await inIndex('J')]).toEqual([['old'], []]);
    expect((await state.query({ pk: 'P' })).rows.map(({ sk }) => sk)).toEqual(['new', 'old']);
    state.releaseIndexes();
    expect([await inIndex('I'), await inIndex('J')]).toEqual([['new'], ['old']]);
  });
});

describe('limits of a transaction, which AWS would keep', () => {
  test('4 MB', async () => {
    const puts = (rows: number) =>
      Array.from({ length: rows }, (_, n) => ({ put: key(`${n}`), body: { text: 'x'.repeat(390_000) } }));
    await state.transact(puts(10));
    await expect(state.transact(puts(11))).rejects.toThrow(StateLimitExceeded);
  });

  test('events of deletes travel with another row, and must fit on it', async () => {
    const large = (id: string) => ({ ...event(id), detail: { text: 'x'.repeat(150_000) } });
    const deletes = ['a', 'b'].map((sk) => ({ delete: key(sk), events: [large(sk)] }));
    await state.transact(deletes);
    await state.transact([...deletes, { put: key('c'), body: { text: 'x'.repeat(100_000) } }]);
    await expect(state.transact([...deletes, { put: key('c'), body: { text: 'x'.repeat(110_000) } }])).rejects.toThrow(
      StateLimitExceeded,
    );
    await expect(state.transact([...deletes, { delete: key('d'), events: [large('d')] }])).rejects.toThrow(
      StateLimitExceeded,
    );
  });

  test('what one reader is given is not another’s to change, however deep or large', async () => {
    for (const size of [10, 10_000]) {
      await state.write({ put: { pk: 'P', sk: `${size}` }, body: { list: [{ a: 'x'.repeat(size) }] } });
      const read = async (): Promise<{ list: { a: string }[] }> =>
        (await state.get<{ list: { a: string }[] }>({ pk: 'P', sk: `${size}` }))!.body;
      const body = await read();
      expect(() => body.list.push({ a: 'y' })).toThrow(TypeError);
      expect(() => (body.list[0]!.a = 'y')).toThrow(TypeError);
      expect(await read()).toEqual({ list: [{ a: 'x'.repeat(size) }] });
    }
  });

  test('half a surrogate pair is kept as UTF-8 would keep it', async () => {
    const body = { cut: 'x\ud834', whole: '𝄞', escaped: '\\ud834', deep: [{ cut: '\udd1e' }] };
    const kept = { cut: 'x\ufffd', whole: '𝄞', escaped: '\\ud834', deep: [{ cut: '\ufffd' }] };
    expect((await state.write({ put: key('a'), body }))?.body).toEqual(kept);
    expect((await state.get(key('a')))?.body).toEqual(kept);
  });
});

describe('a backup', () => {
  test('made under load is whole: every transaction is in it or is not', async () => {
    await state.batch(
      Array.from({ length: 20_000 }, (_, n) => ({ put: key(`fill-${n}`, 'FILL'), body: { text: 'x'.repeat(300) } })),
    );
    let writing = true;
    let rounds = 0;
    const load = async (pair: number): Promise<void> => {
      while (writing) {
        const n = ++rounds;
        await state.transact([
          { update: key(`left-${pair}`), set: { n } },
          { update: key(`right-${pair}`), set: { n } },
        ]);
      }
    };
    const loads = [0, 1, 2, 3].map(load);
    const copy = path.join(folder, 'copy.db');
    try {
      const before = rounds;
      await state.backup(copy);
      // The copy is made on a thread of its own: the writers went on.
      expect(rounds).toBeGreaterThan(before);
    } finally {
      writing = false;
      await Promise.all(loads);
    }
    expect(readdirSync(folder)).not.toContain('copy.db.part');
    expect(statSync(copy).mode & 0o077).toBe(0);
    const outside = new DatabaseSync(copy);
    expect(outside.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
    outside.close();
    const restored = openSqliteState({ file: copy, clock });
    expect(await queryAll(restored, { pk: 'FILL' })).toHaveLength(20_000);
    const values = new Map((await queryAll<{ n: number }>(restored, { pk: 'P' })).map(({ sk, body }) => [sk, body.n]));
    for (const pair of [0, 1, 2, 3]) expect(values.get(`left-${pair}`)).toBe(values.get(`right-${pair}`));
    await restored.close();
  });

  test('that cannot be made says so, and the state goes on', async () => {
    await expect(state.backup(path.join(folder, 'missing', 'copy.db'))).rejects.toThrow(StateUnavailable);
    await state.write({ put: key('a'), body: {} });
  });
});

describe('the lock on a data folder', () => {
  const holder = path.join(import.meta.dirname, 'lock-holder.ts');

  test('keeps a second Flotilla out, of this process or another, until it is released', async () => {
    const data = path.join(folder, 'locked');
    const release = lockDataFolder(data);
    expect(() => lockDataFolder(data)).toThrow(FolderInUse);
    const refused = startChild(holder, [data]);
    expect((await refused.lines.next()).value).toBe(
      `FolderInUse: The data folder ${data} is in use by another Flotilla. Stop that one, or choose another folder with --data.`,
    );
    await refused.kill('SIGTERM');
    release();
    release();
    lockDataFolder(data)();
  });

  test('ends with its process, even by kill -9', async () => {
    const data = path.join(folder, 'locked');
    const child = startChild(holder, [data]);
    expect((await child.lines.next()).value).toBe('locked');
    expect((await child.lines.next()).value).toBe('collected');
    expect(() => lockDataFolder(data)).toThrow(FolderInUse);
    expect(await child.kill('SIGKILL')).toBe('SIGKILL');
    lockDataFolder(data)();
  });

  test('that cannot be made is another error', () => {
    mkdirSync(path.join(folder, 'locked', 'lock.db'), { recursive: true });
    expect(() => lockDataFolder(path.join(folder, 'locked'))).toThrow(/unable to open/);
  });
});
