/** Operations of one turn of the event loop: one commit, one fate; and no answer before it. */
import { DatabaseSync } from 'node:sqlite';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ConditionFailed, StateLimitExceeded, StateUnavailable, type Key } from '../../../core/state.ts';
import type { Committed, SqliteState } from '../../../local/sqlite-state.ts';
import { GroupCommit } from '../../../local/sqlite/group-commit.ts';
import { temporaryState } from '../../support/state.ts';

let state: SqliteState;
let folder: string;
let close: () => Promise<void>;
let commits: Committed[];
/** Another connection: it sees what is committed and nothing else. */
let outside: DatabaseSync;

beforeEach(() => {
  ({ state, folder, close } = temporaryState());
  commits = [];
  state.onCommit((committed) => commits.push(committed));
  outside = new DatabaseSync(path.join(folder, 'state.db'));
});

afterEach(async () => {
  outside.close();
  await close();
});

const key = (sk: string): Key => ({ pk: 'P', sk });
const event = (id: string) => ({ id, detailType: 'Test', time: 1, resources: [], detail: {} });
const committedKeys = (): string[] =>
  outside
    .prepare('SELECT sk FROM rows ORDER BY sk')
    .all()
    .map(({ sk }) => sk as string);
/** The store itself fails at this row, as it may at any. */
const breakAt = (sk: string): void =>
  outside.exec(
    `CREATE TRIGGER broken BEFORE INSERT ON rows WHEN NEW.sk = '${sk}' BEGIN SELECT RAISE(ROLLBACK, 'broken'); END`,
  );
const mend = (): void => outside.exec('DROP TRIGGER broken');

test('one turn is one commit, told once, with all its keys', async () => {
  await Promise.all([
    state.write({ put: key('a'), body: {} }),
    state.write({ update: key('b'), set: { n: 1 }, events: [event('1')] }),
    state.transact([{ put: key('c'), body: {} }, { delete: key('d') }, { check: key('e'), when: { row: 'absent' } }]),
    state.batch([{ put: key('f'), body: {} }]),
  ]);
  expect(commits).toEqual([{ keys: ['a', 'b', 'c', 'd', 'f'].map(key), events: true }]);
  await state.write({ delete: key('a') });
  expect(commits.at(-1)).toEqual({ keys: [key('a')], events: false });
});

test('an answer comes after its commit and not before', async () => {
  const seen: string[][] = [];
  const write = state.write({ put: key('a'), body: {} }).then(() => seen.push(committedKeys()));
  // Microtasks belong to the same turn.
  await Promise.resolve();
  expect(committedKeys()).toEqual([]);
  await write;
  expect(seen).toEqual([['a']]);
});

test('who listens to commits hears of one before its writers do, when it can be seen', async () => {
  const order: string[] = [];
  state.onCommit(() => order.push(`told ${committedKeys().join()}`));
  await state.write({ put: key('a'), body: {} }).then(() => order.push('answered'));
  expect(order).toEqual(['told a', 'answered']);
});

test('a listener that throws keeps nobody from the answer, and the next listener is told', async () => {
  let told = 0;
  state.onCommit(() => {
    throw new Error('mine');
  });
  state.onCommit(() => told++);
  await state.write({ put: key('a'), body: {} });
  await state.write({ put: key('b'), body: {} });
  expect(told).toBe(2);
});

test('one that is refused spoils none beside it, and leaves nothing of itself', async () => {
  const [first, refused, tooLong, unwritable, last] = await Promise.allSettled([
    state.write({ put: key('a'), body: {} }),
    state.transact([
      { put: key('b'), body: {}, events: [event('1')] },
      { check: key('x'), when: { row: 'present' } },
    ]),
    state.write({ put: { pk: 'P', sk: '' }, body: {} }),
    state.write({ put: key('c'), body: {}, events: [{ ...event('2'), detail: { n: 1n } }] }),
    state.write({ put: key('d'), body: {} }),
  ]);
  expect([first.status, last.status]).toEqual(['fulfilled', 'fulfilled']);
  expect([refused, tooLong, unwritable].map((one) => (one as PromiseRejectedResult).reason as Error)).toEqual([
    expect.any(ConditionFailed),
    expect.any(StateLimitExceeded),
    expect.any(TypeError),
  ]);
  expect(committedKeys()).toEqual(['a', 'd']);
  expect(await state.readChanges(0, 10)).toEqual([]);
  expect(commits).toHaveLength(1);
});

test('a refusal that rests on an uncommitted row waits for its commit', async () => {
  const order: string[] = [];
  state.onCommit(() => order.push('commit'));
  const made = state.write({ put: key('a'), body: {} });
  await state.write({ put: key('a'), body: {}, when: { row: 'absent' } }).catch(() => order.push('refused'));
  await made;
  expect(order).toEqual(['commit', 'refused']);
});

test('what a turn has written, a read of the same turn sees, and is answered after the commit', async () => {
  void state.write({ put: key('a'), body: { n: 1 } });
  const reads = [state.get(key('a')), state.getMany([key('a')]), state.query({ pk: 'P' })].map((read) =>
    read.then((result) => ({ result, visible: committedKeys() })),
  );
  const [one, many, page] = await Promise.all(reads);
  const row = { ...key('a'), version: 1, body: { n: 1 } };
  expect([one, many, page]).toEqual([
    { result: row, visible: ['a'] },
    { result: [row], visible: ['a'] },
    { result: { rows: [row] }, visible: ['a'] },
  ]);
});

test('reads of a turn see one state, commit nothing and end with the turn', async () => {
  const reads = Promise.all([state.get(key('a')), state.query({ pk: 'P' })]);
  outside.exec(`INSERT INTO rows (pk, sk, version, body) VALUES ('P', 'a', 1, '{}')`);
  expect(await state.get(key('a'))).toBeUndefined();
  expect(await reads).toEqual([undefined, { rows: [] }]);
  await nextTurn();
  expect(await state.get(key('a'))).toBeDefined();
  expect(commits).toEqual([]);
});

test('a file that cannot be read is told of as such, and harms nobody else', async () => {
  outside.exec('DROP TABLE rows');
  const results = await Promise.allSettled([
    state.get(key('a')),
    state.query({ pk: 'P' }),
    state.write({ update: key('a'), set: {} }),
    state.deleteChanges([1]),
  ]);
  expect(results.slice(0, 3).map((result) => (result as PromiseRejectedResult).reason as unknown)).toEqual([
    expect.any(StateUnavailable),
    expect.any(StateUnavailable),
    expect.any(StateUnavailable),
  ]);
  expect(results[3].status).toBe('fulfilled');
  await nextTurn();
});

test('when the store fails, all of the turn fail together, reads too, and nothing is left of it', async () => {
  breakAt('broken');
  const results = await Promise.allSettled([
    state.write({ put: key('a'), body: {}, events: [event('1')] }),
    state.get(key('a')),
    state.write({ put: key('broken'), body: {} }),
  ]);
  expect(results.map((result) => (result as PromiseRejectedResult).reason as unknown)).toEqual([
    expect.any(StateUnavailable),
    expect.any(StateUnavailable),
    expect.any(StateUnavailable),
  ]);
  expect(committedKeys()).toEqual([]);
  expect(commits).toEqual([]);
});

test('when COMMIT itself fails, all fail together, and the next group finds nothing open', async () => {
  await state.write({ put: key('before'), body: { n: 1 } });
  // A constraint that is looked at only when everything else is done.
  outside.exec(`
    CREATE TABLE parents (id INTEGER PRIMARY KEY);
    CREATE TABLE children (id INTEGER REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED);
    CREATE TRIGGER orphan AFTER INSERT ON rows WHEN NEW.sk = 'broken' BEGIN INSERT INTO children VALUES (1); END`);
  const results = await Promise.allSettled([
    state.write({ put: key('a'), body: {}, events: [event('1')] }),
    state.write({ put: key('broken'), body: {} }),
    state.write({ update: key('before'), add: { n: 1 } }),
    state.get(key('before')),
    state.write({ put: key('before'), body: {}, when: { row: 'absent' } }),
  ]);
  expect(results.map((result) => (result as PromiseRejectedResult).reason as unknown)).toEqual(
    Array(5).fill(expect.any(StateUnavailable)),
  );
  expect(String(((results[0] as PromiseRejectedResult).reason as Error).cause)).toMatch(/FOREIGN KEY/);
  expect(committedKeys()).toEqual(['before']);
  expect(await state.get(key('before'))).toMatchObject({ version: 1, body: { n: 1 } });
  await state.write({ put: key('b'), body: {}, events: [event('2')] });
  expect(committedKeys()).toEqual(['b', 'before']);
  expect((await state.readChanges(0, 10)).map(({ event: { id } }) => id)).toEqual(['2']);
  expect(commits.map(({ keys }) => keys.map(({ sk }) => sk))).toEqual([['before'], ['b']]);
});

test('what was undone is nowhere: a row that was read before, and in the turn that failed, is as it was', async () => {
  await state.write({ put: key('a'), body: { n: 1 } });
  await state.get(key('a'));
  breakAt('broken');
  const failed = [
    state.write({ update: key('a'), add: { n: 1 } }),
    state.get(key('a')),
    state.write({ delete: key('a') }),
    state.write({ put: key('broken'), body: {} }),
  ];
  expect((await Promise.allSettled(failed)).map(({ status }) => status)).toEqual([
    'rejected',
    'rejected',
    'rejected',
    'rejected',
  ]);
  expect(await state.get(key('a'))).toEqual({ ...key('a'), version: 1, body: { n: 1 } });
});

test('what one caller does to a body no other sees: the writer’s answer is its own, a reader’s is frozen', async () => {
  const made = await state.write<{ n: number[] }>({ put: key('a'), body: { n: [1] } });
  made!.body.n.push(2);
  const first = await state.get<{ n: number[] }>(key('a'));
  expect(() => first!.body.n.push(3)).toThrow(TypeError);
  expect((await state.get(key('a')))?.body).toEqual({ n: [1] });
  expect((await state.query({ pk: 'P' })).rows[0]?.body).toEqual({ n: [1] });
});

test('after a failure the rest of the turn is another group, and works', async () => {
  breakAt('broken');
  const failed = [state.write({ put: key('a'), body: {} }), state.write({ put: key('broken'), body: {} })];
  const after = state.write({ put: key('b'), body: {}, events: [event('2')] });
  expect((await Promise.allSettled(failed)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await after;
  expect(committedKeys()).toEqual(['b']);
  expect(commits).toEqual([{ keys: [key('b')], events: true }]);
  mend();
  await state.write({ put: key('broken'), body: {} });
  expect(committedKeys()).toEqual(['b', 'broken']);
});

test.each(['a read', 'a plan'])(
  '%s that makes SQLite roll back undoes its group with it, and what follows is another',
  async (kind) => {
    const database = new DatabaseSync(':memory:');
    database.exec('CREATE TABLE t (n)');
    let undone = 0;
    const group = new GroupCommit(database, { committed: () => undefined, undone: () => undone++ });
    const insert = (n: number): Promise<number> =>
      group.write(
        () => n,
        () => database.exec(`INSERT INTO t VALUES (${n})`),
      );
    // As SQLite does when it runs out of memory.
    const broken = (): never => {
      database.exec('ROLLBACK');
      throw Object.assign(new Error('out of memory'), { code: 'ERR_SQLITE_ERROR' });
    };
    const results = await Promise.allSettled([
      insert(1),
      kind === 'a read' ? group.read(broken) : group.write(broken, () => undefined),
      insert(2),
    ]);
    expect(results.map((result) => (result.status === 'rejected' ? (result.reason as unknown) : result.value))).toEqual(
      [expect.any(StateUnavailable), expect.any(StateUnavailable), 2],
    );
    expect(database.prepare('SELECT n FROM t').all()).toEqual([{ n: 2 }]);
    expect(undone).toBe(1);
    database.close();
  },
);

test('many turns of writers and readers: every answer is of a committed state', async () => {
  const writer = async (name: string): Promise<void> => {
    for (let n = 1; n <= 50; n++) {
      await state.write({ update: key(name), add: { n: 1 }, set: { last: n } });
      if (n % 7 === 0) await nextTurn();
    }
  };
  const reader = async (): Promise<void> => {
    for (let round = 0; round < 100; round++) {
      const rows = (await state.query<{ n: number; last: number }>({ pk: 'P' })).rows;
      const committed = new Map(
        outside
          .prepare('SELECT sk, version FROM rows')
          .all()
          .map(({ sk, version }) => [sk, version as number]),
      );
      for (const row of rows) {
        expect(row.body.n).toBe(row.body.last);
        expect(committed.get(row.sk)).toBeGreaterThanOrEqual(row.version);
      }
    }
  };
  await Promise.all([...['a', 'b', 'c'].map(writer), reader(), reader()]);
  expect((await state.query<{ n: number }>({ pk: 'P' })).rows.map(({ body }) => body.n)).toEqual([50, 50, 50]);
});

test('closing waits for what is open; afterwards nothing is taken', async () => {
  const write = state.write({ put: key('a'), body: {} });
  await state.close();
  await write;
  expect(committedKeys()).toEqual(['a']);
  await expect(state.get(key('a'))).rejects.toThrow(StateUnavailable);
  await expect(state.write({ put: key('b'), body: {} })).rejects.toThrow(StateUnavailable);
  await state.close();
});
