/**
 * What every implementation of the State port keeps: SQLite, and the DynamoDB adapter before dynalite with
 * transactions, before moto_server where it is installed, and before FLOTILLA_TEST_DYNAMODB.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ManualClock } from '../../core/clock.ts';
import type { OutgoingEvent } from '../../core/events.ts';
import { eventsOfOutbox, outboxPartition, outboxShards, type OutboxItem } from '../../core/outbox.ts';
import {
  ConditionFailed,
  queryAll,
  StateLimitExceeded,
  type Condition,
  type Key,
  type Query,
  type Row,
  type State,
} from '../../core/state.ts';
import { testStart } from '../support/state.ts';
import {
  stateImplementations as implementations,
  titleOf,
  type StateSubject as Subject,
} from '../support/state-implementations.ts';

const rows = (
  count: number,
  pk: string,
  sk = (place: number): string => String(place).padStart(4, '0'),
): { put: Key; body: object }[] =>
  Array.from({ length: count }, (_, place) => ({ put: { pk, sk: sk(place) }, body: { place } }));
/** A row without what an implementation may know of it besides. */
const plain = (row: Row | undefined): object | undefined =>
  row && {
    pk: row.pk,
    sk: row.sk,
    version: row.version,
    body: row.body,
    ...(row.expiresAt === undefined ? {} : { expiresAt: row.expiresAt }),
  };
const sorted = (page: { readonly rows: readonly Row[] }): string[] => page.rows.map(({ sk }) => sk);
const event = (id: string): OutgoingEvent<{ n: number }> => ({
  id,
  detailType: 'Test',
  time: 1,
  resources: [],
  detail: { n: 1 },
});

describe.each(implementations.map((one) => ({ ...one, title: titleOf(one) })))(
  '$title',
  ({ name, skip, threaded, open }) => {
    const run = skip === false || skip === undefined;
    const it = run ? test : test.skip;
    const atOnce = run && threaded !== true ? test : test.skip;
    let subject: Subject;
    let state: State;
    let clock: ManualClock;
    let partition = 0;
    let pk: string;

    beforeAll(async () => {
      clock = new ManualClock(testStart);
      if (run) subject = await open(clock);
      state = subject?.state;
    });
    afterAll(() => subject?.close());
    beforeEach(() => {
      pk = `P${++partition}`;
    });
    const key = (sk = 'a'): Key => ({ pk, sk });

    describe('one row', () => {
      it('is read as it was written: any JSON, in any nesting', async () => {
        const body = {
          text: 'ü𝄞\n',
          empty: '',
          number: -1.5e-7,
          whole: 1_700_000_000_000,
          zero: 0,
          yes: true,
          no: false,
          nothing: null,
          list: [1, 'a', [], {}],
          map: { 'a.b': { $c: [null] } },
          gone: undefined,
        };
        const { gone: _gone, ...kept } = body;
        const written = await state.write({ put: key(), body, expiresAt: testStart / 1000 + 60 });
        expect(written).toEqual({ ...key(), version: 1, body: kept, expiresAt: testStart / 1000 + 60 });
        expect(plain(await state.get(key()))).toEqual(written);
        expect(await state.get(key('b'))).toBeUndefined();
      });

      it('a put replaces it whole; its version follows the one required', async () => {
        await state.write({ put: key(), body: { a: 1, b: 2 } });
        expect(await state.write({ put: key(), body: { c: 3 }, when: { version: 1 } })).toMatchObject({
          version: 2,
          body: { c: 3 },
        });
        expect((await state.get(key()))?.body).toEqual({ c: 3 });
        await state.write({ put: key(), body: {} });
        expect((await state.get(key()))?.version).toBe(1);
      });

      it('an update sets, removes and adds, and raises the version; it makes an absent row', async () => {
        expect(await state.write({ update: key(), set: { a: 1, list: [1] }, add: { n: 2 } })).toEqual({
          ...key(),
          version: 1,
          body: { a: 1, list: [1], n: 2 },
        });
        expect(
          await state.write({ update: key(), set: { b: { c: null } }, remove: ['a'], add: { n: -5, m: 1 } }),
        ).toEqual({ ...key(), version: 2, body: { list: [1], b: { c: null }, n: -3, m: 1 } });
        expect(await state.write({ update: key(), set: { b: undefined } })).toEqual({
          ...key(),
          version: 3,
          body: { list: [1], n: -3, m: 1 },
        });
      });

      it('its attributes may be called anything, and are its own', async () => {
        const odd = JSON.parse(
          '{"__proto__":{"polluted":true},"constructor":"c","":1,".a #b":2,"deep":{"toString":1}}',
        ) as object;
        await state.write({ put: key(), body: odd });
        const { body } = (await state.get<Record<string, unknown>>(key()))!;
        expect(Object.getPrototypeOf(body)).toBe(Object.prototype);
        expect(new Map(Object.entries(body))).toEqual(new Map(Object.entries(odd)));
        expect(body['polluted']).toBeUndefined();
        const added = await state.write<Record<string, unknown>>({
          update: key('b'),
          set: odd,
          add: { toString: 1, valueOf: 2 },
        });
        expect(new Map(Object.entries(added!.body))).toEqual(
          new Map<string, unknown>([...Object.entries(odd), ['toString', 1], ['valueOf', 2]]),
        );
        await expect(state.write({ update: key('c'), when: { equals: { constructor: 'c' } } })).rejects.toThrow(
          ConditionFailed,
        );
        await state.write({
          update: key(),
          remove: ['__proto__', ''],
          when: { equals: { constructor: 'c' }, missing: ['toString', 'hasOwnProperty'] },
        });
        expect(Object.keys((await state.get(key()))!.body).sort()).toEqual(['.a #b', 'constructor', 'deep']);
      });

      it('an expiry can be set, kept and taken away', async () => {
        const expiresAt = Math.floor(clock.now() / 1000) + 1000;
        await state.write({ update: key(), expiresAt });
        expect((await state.write({ update: key(), set: { a: 1 } }))?.expiresAt).toBe(expiresAt);
        expect((await state.write({ update: key(), expiresAt: null }))?.expiresAt).toBeUndefined();
        expect((await state.get(key()))?.expiresAt).toBeUndefined();
      });

      it('a delete removes it, and minds no absence', async () => {
        await state.write({ put: key(), body: {} });
        expect(await state.write({ delete: key() })).toBeUndefined();
        expect(await state.get(key())).toBeUndefined();
        await state.write({ delete: key() });
      });
    });

    describe('conditions', () => {
      const holds = async (condition: Condition): Promise<boolean> => {
        const results = await Promise.all([
          attempt(() =>
            state.write({ put: key(), body: { text: 'a', number: 1, flag: false, nothing: null }, when: condition }),
          ),
          attempt(() => state.write({ update: key('update'), set: { text: 'a' }, when: condition })),
        ]);
        expect(results[0]).toBe(results[1]);
        return results[0];
      };
      const attempt = async (write: () => Promise<unknown>): Promise<boolean> => {
        try {
          await write();
          return true;
        } catch (error) {
          if (error instanceof ConditionFailed) return false;
          throw error;
        }
      };
      const both = async (body: object): Promise<void> => {
        await state.write({ put: key(), body });
        await state.write({ put: key('update'), body });
      };

      it('of a row that is absent', async () => {
        expect(await holds({ row: 'present' })).toBe(false);
        expect(await holds({ version: 1 })).toBe(false);
        expect(await holds({ equals: { text: 'a' } })).toBe(false);
        expect(await holds({ oneOf: { text: ['a'] } })).toBe(false);
        expect(await holds({ missing: ['text'] })).toBe(true);
      });

      it.each<[Condition, boolean]>([
        [{ row: 'present' }, true],
        [{ row: 'absent' }, false],
        [{ version: 1 }, true],
        [{ version: 2 }, false],
        [{ equals: { text: 'a', number: 1, flag: false } }, true],
        [{ equals: { text: 'a', number: 2 } }, false],
        [{ equals: { number: '1' } }, false],
        [{ equals: { other: 'a' } }, false],
        [{ oneOf: { text: ['b', 'a'] } }, true],
        [{ oneOf: { text: ['b'] } }, false],
        [{ oneOf: { text: [] } }, false],
        [{ missing: ['other'] }, true],
        [{ missing: ['nothing'] }, false],
        [{ row: 'present', version: 1, equals: { flag: false }, oneOf: { number: [1] }, missing: ['x', 'y'] }, true],
      ])('%j of a row: %s', async (condition, expected) => {
        await both({ text: 'a', number: 1, flag: false, nothing: null });
        expect(await holds(condition)).toBe(expected);
      });

      atOnce('an absent row is made by one of many', async () => {
        const results = await Promise.allSettled(
          Array.from({ length: 10 }, (_, n) => state.write({ put: key(), body: { n }, when: { row: 'absent' } })),
        );
        expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      });

      it('a delete minds them too, and the error names the row', async () => {
        await state.write({ put: key(), body: { a: 1 } });
        await expect(state.write({ delete: key(), when: { version: 7 } })).rejects.toMatchObject({
          name: 'ConditionFailed',
          key: key(),
          position: 0,
        });
        await state.write({ delete: key(), when: { equals: { a: 1 } } });
        await expect(state.write({ delete: key(), when: { row: 'present' } })).rejects.toThrow(ConditionFailed);
      });

      atOnce('additions of many at once are all counted', async () => {
        await Promise.all(Array.from({ length: 20 }, () => state.write({ update: key(), add: { n: 1 } })));
        expect(await state.get(key())).toMatchObject({ version: 20, body: { n: 20 } });
      });
    });

    describe('expiry', () => {
      const expired = async (sk = 'a'): Promise<void> => {
        await state.write({ put: key(sk), body: { old: 1 }, expiresAt: Math.floor(clock.now() / 1000) + 10 });
        clock.advance(10_000);
      };

      it('an expired row is not there', async () => {
        await state.write({ put: key('b'), body: {} });
        await expired();
        expect(await state.get(key())).toBeUndefined();
        expect(await state.getMany([key()])).toEqual([]);
        expect(sorted(await state.query({ pk }))).toEqual(['b']);
        expect(sorted(await state.query({ pk, limit: 1 }))).toEqual(['b']);
        await expect(state.write({ put: key(), body: {}, when: { row: 'present' } })).rejects.toThrow(ConditionFailed);
        await expect(state.write({ update: key(), when: { equals: { old: 1 } } })).rejects.toThrow(ConditionFailed);
      });

      it('an expired row can be made anew', async () => {
        await expired();
        expect(await state.write({ put: key(), body: { new: 1 }, when: { row: 'absent' } })).toMatchObject({
          version: 1,
          body: { new: 1 },
        });
      });

      it('no attribute of an expired row is there', async () => {
        await expired();
        await expired('b');
        await state.write({ put: key(), body: { new: 1 }, when: { missing: ['old'] } });
        await expect(state.write({ delete: key('b'), when: { equals: { old: 1 } } })).rejects.toThrow(ConditionFailed);
      });

      it('an update builds nothing on an expired row', async () => {
        await expired();
        expect(await state.write({ update: key(), set: { new: 1 }, add: { n: 1 } })).toEqual({
          ...key(),
          version: 1,
          body: { new: 1, n: 1 },
        });
        expect(plain(await state.get(key()))).toEqual({ ...key(), version: 1, body: { new: 1, n: 1 } });
      });

      it('nor does one in a transaction', async () => {
        await expired();
        await state.transact([
          { update: key(), set: { new: 1 }, when: { missing: ['old'] } },
          { put: key('b'), body: {} },
        ]);
        expect(plain(await state.get(key()))).toEqual({ ...key(), version: 1, body: { new: 1 } });
      });
    });

    describe('queries', () => {
      it('give a partition in key order, from either end, in pages', async () => {
        await state.batch(rows(25, pk));
        const all = Array.from({ length: 25 }, (_, place) => String(place).padStart(4, '0'));
        expect(sorted({ rows: await queryAll(state, { pk }) })).toEqual(all);
        expect(sorted({ rows: await queryAll(state, { pk, limit: 10 }) })).toEqual(all);
        expect(sorted({ rows: await queryAll(state, { pk, limit: 7, reverse: true }) })).toEqual([...all].reverse());
        const first = await state.query({ pk, limit: 10 });
        expect(first.rows).toHaveLength(10);
        expect(first.next).toBeDefined();
        expect(await state.query({ pk: 'nobody’s' })).toEqual({ rows: [] });
      });

      it('take bounds and prefixes', async () => {
        await state.batch(['a', 'a#1', 'a#2', 'b', 'b#1', 'ü', '𝄞'].map((sk) => ({ put: key(sk), body: {} })));
        expect(sorted(await state.query({ pk, from: 'a#1', to: 'b' }))).toEqual(['a#1', 'a#2', 'b']);
        expect(sorted(await state.query({ pk, from: 'b' }))).toEqual(['b', 'b#1', 'ü', '𝄞']);
        expect(sorted(await state.query({ pk, to: 'a#1' }))).toEqual(['a', 'a#1']);
        expect(sorted(await state.query({ pk, prefix: 'a#' }))).toEqual(['a#1', 'a#2']);
        expect(sorted(await state.query({ pk, prefix: 'a', reverse: true, limit: 2 }))).toEqual(['a#2', 'a#1']);
        expect(sorted(await state.query({ pk, prefix: '' }))).toHaveLength(7);
        expect(sorted(await state.query({ pk, from: 'z', to: 'c' }))).toEqual([]);
        await expect(state.query({ pk, prefix: 'a', from: 'b' })).rejects.toThrow(StateLimitExceeded);
      });

      it('end a page at 1 MB', async () => {
        const text = 'x'.repeat(300_000);
        await state.batch(Array.from({ length: 5 }, (_, place) => ({ put: key(`${place}`), body: { text } })));
        const first = await state.query({ pk });
        expect(first.rows.length).toBeLessThan(5);
        expect(first.next).toBeDefined();
        expect(sorted({ rows: await queryAll(state, { pk }) })).toEqual(['0', '1', '2', '3', '4']);
      });

      it('end a page at 1 MB also where a limit would take more', async () => {
        const text = 'x'.repeat(300_000);
        await state.batch(Array.from({ length: 10 }, (_, place) => ({ put: key(`${place}`), body: { text } })));
        const first = await state.query({ pk, limit: 9 });
        expect(first.rows.length).toBeLessThan(5);
        expect(sorted({ rows: await queryAll(state, { pk, limit: 9 }) })).toHaveLength(10);
      });

      it('go on within the query that the cursor came from, and within no other', async () => {
        await state.batch(
          ['a#1', 'a#2', 'b#1', 'b#2', 'c#1'].map((sk) => ({
            put: key(sk),
            body: {},
            indexes: { index1: { pk, sk } },
          })),
        );
        const page = async (query: Partial<Query>): Promise<string> =>
          (await state.query({ pk, limit: 1, ...query })).next!;
        const after = await page({ prefix: 'a#' });
        expect(sorted(await state.query({ pk, prefix: 'a#', after }))).toEqual(['a#2']);
        const others: Query[] = [
          { pk: `${pk}x`, prefix: 'a#' },
          { pk, prefix: 'b#' },
          { pk, from: 'b#1' },
          { pk, to: 'a#0' },
          { pk, prefix: 'b#', reverse: true },
        ];
        for (const other of others)
          await expect(state.query({ ...other, after }), JSON.stringify(other)).rejects.toThrow(StateLimitExceeded);
        const ofIndex = await page({ index: 'index1', from: 'b', to: 'b~' });
        expect(sorted(await state.query({ pk, index: 'index1', from: 'b', to: 'b~', after: ofIndex }))).toEqual([
          'b#2',
        ]);
        await expect(state.query({ pk, index: 'index1', from: 'c', after: ofIndex })).rejects.toThrow(
          StateLimitExceeded,
        );
        for (const none of [
          '',
          'garbage',
          Buffer.from('[1]').toString('base64url'),
          Buffer.from('{"pk":"a"}').toString('base64url'),
        ])
          await expect(state.query({ pk, after: none })).rejects.toThrow(StateLimitExceeded);
      });

      it('ask an index, in its own order', async () => {
        await state.write({ put: key('a'), body: { n: 1 }, indexes: { index1: { pk: `${pk}i`, sk: '2' } } });
        await state.write({ put: key('b'), body: { n: 2 }, indexes: { index1: { pk: `${pk}i`, sk: '1' } } });
        await state.write({ put: key('c'), body: { n: 3 }, indexes: { index1: { pk: `${pk}i`, sk: '1' } } });
        expect((await queryAll(state, { index: 'index1', pk: `${pk}i`, limit: 1 })).map(({ sk }) => sk).at(-1)).toBe(
          'a',
        );
        expect((await queryAll(state, { index: 'index1', pk: `${pk}i`, from: '2' })).map((row) => row.body)).toEqual([
          { n: 1 },
        ]);
      });

      it('an update moves a row in the index, or takes it out', async () => {
        await state.write({ put: key(), body: {}, indexes: { index1: { pk: `${pk}i`, sk: '1' } } });
        await state.write({ update: key(), set: { a: 1 }, indexes: { index1: { pk: `${pk}k`, sk: '1' } } });
        const bodies = async (of: string): Promise<object[]> =>
          (await queryAll(state, { index: 'index1', pk: of })).map(({ body }) => body);
        expect([await bodies(`${pk}i`), await bodies(`${pk}k`)]).toEqual([[], [{ a: 1 }]]);
        await state.write({ update: key(), set: { a: 2 } });
        expect(await bodies(`${pk}k`)).toEqual([{ a: 2 }]);
        await state.write({ update: key(), indexes: { index1: null } });
        expect(await bodies(`${pk}k`)).toEqual([]);
        await state.write({ update: key(), indexes: { index1: { pk: `${pk}k`, sk: '1' } } });
        await state.write({ put: key(), body: {} });
        expect(await bodies(`${pk}k`)).toEqual([]);
      });

      it('of an index end a page at 1 MB of rows, in order and from either end', async () => {
        const text = 'x'.repeat(300_000);
        const names = Array.from({ length: 9 }, (_, place) => `${place}`);
        await state.batch(
          names.map((sk) => ({ put: key(`row-${9 - Number(sk)}`), body: { sk, text }, indexes: { index1: key(sk) } })),
        );
        for (const reverse of [false, true]) {
          const first = await state.query({ pk, index: 'index1', reverse });
          expect(first.rows.length).toBeLessThan(6);
          expect(first.next).toBeDefined();
          for (const limit of [1, 4, 100])
            expect(
              (await queryAll<{ sk: string }>(state, { pk, index: 'index1', reverse, limit })).map(
                ({ body }) => body.sk,
              ),
            ).toEqual(reverse ? [...names].reverse() : names);
        }
      });

      it('of an index find more rows than are read at once', async () => {
        await state.batch(
          Array.from({ length: 230 }, (_, place) => {
            const sk = String(place).padStart(4, '0');
            return { put: key(sk), body: { place }, indexes: { index1: key(sk) } };
          }),
        );
        expect((await queryAll(state, { pk, index: 'index1' })).map(({ body }) => body)).toEqual(
          Array.from({ length: 230 }, (_, place) => ({ place })),
        );
        expect((await state.query({ pk, index: 'index1', limit: 150 })).rows).toHaveLength(150);
      });
    });

    describe('many rows', () => {
      it('a batch puts and deletes any number', async () => {
        await state.batch(rows(60, pk));
        await state.batch([
          ...rows(60, pk)
            .slice(0, 30)
            .map(({ put }) => ({ delete: put })),
          { put: key('new'), body: { a: 1 } },
        ]);
        expect(await queryAll(state, { pk })).toHaveLength(31);
        await state.batch([]);
      });

      it('a hundred are read at once, those that are there', async () => {
        await state.batch(rows(99, pk));
        expect(await state.getMany([...rows(99, pk).map(({ put }) => put), key('gone')])).toHaveLength(99);
      });

      it('a transaction does all of it', async () => {
        await state.write({ put: key('old'), body: {} });
        await state.transact([
          { put: key('a'), body: { a: 1 }, when: { row: 'absent' } },
          { update: key('b'), set: { b: 1 }, add: { n: 1 } },
          { delete: key('old') },
          { check: key('c'), when: { row: 'absent' } },
        ]);
        expect(await queryAll(state, { pk })).toMatchObject([
          { sk: 'a', version: 1, body: { a: 1 } },
          { sk: 'b', version: 1, body: { b: 1, n: 1 } },
        ]);
      });

      it('or nothing, and says where it failed', async () => {
        await state.write({ put: key('old'), body: { n: 1 } });
        const writes = [
          { put: key('a'), body: {} },
          { delete: key('old') },
          { check: key('b'), when: { row: 'present' as const } },
          { update: key('c'), when: { version: 3 } },
        ];
        await expect(state.transact(writes)).rejects.toMatchObject({
          name: 'ConditionFailed',
          position: 2,
          key: key('b'),
        });
        expect(await queryAll(state, { pk })).toMatchObject([{ sk: 'old', body: { n: 1 } }]);
      });

      it('holds a hundred rows and no more, none of them twice', async () => {
        await state.transact(rows(100, pk));
        expect(await queryAll(state, { pk })).toHaveLength(100);
        await expect(state.transact(rows(101, pk))).rejects.toThrow(StateLimitExceeded);
        await expect(state.transact([{ put: key(), body: {} }, { delete: key() }])).rejects.toThrow(StateLimitExceeded);
        await state.transact([]);
      });

      atOnce('of several transactions on one row, each sees the other’s whole', async () => {
        await state.write({ put: key(), body: { n: 0 } });
        const results = await Promise.allSettled(
          [1, 2, 3].map((n) =>
            state.transact([
              { update: key(), set: { n }, when: { version: 1 } },
              { put: key(`by-${n}`), body: {} },
            ]),
          ),
        );
        expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
        expect((await queryAll(state, { pk })).filter(({ sk }) => sk.startsWith('by-'))).toHaveLength(1);
      });
    });

    describe('limits', () => {
      it('of keys', async () => {
        for (const bad of [
          { pk: '', sk: 'a' },
          { pk, sk: '' },
          { pk: 'x'.repeat(2049), sk: 'a' },
          { pk, sk: 'x'.repeat(1025) },
        ])
          await expect(state.write({ put: bad, body: {} })).rejects.toThrow(StateLimitExceeded);
        await state.write({ put: { pk: `${pk}${'x'.repeat(2000)}`, sk: 'x'.repeat(1024) }, body: {} });
      });

      it('of index keys', async () => {
        for (const bad of ['', 'x'.repeat(1025), 'x\ud800']) {
          await expect(state.write({ put: key(), body: {}, indexes: { index1: key(bad) } })).rejects.toThrow(
            StateLimitExceeded,
          );
          await expect(state.write({ update: key(), indexes: { index1: key(bad) } })).rejects.toThrow(
            StateLimitExceeded,
          );
        }
      });

      it('of an expiry: whole seconds', async () => {
        for (const bad of [1.5, NaN, Infinity]) {
          await expect(state.write({ put: key(), body: {}, expiresAt: bad })).rejects.toThrow(StateLimitExceeded);
          await expect(state.write({ update: key(), expiresAt: bad })).rejects.toThrow(StateLimitExceeded);
          await expect(state.batch([{ put: key(), body: {}, expiresAt: bad }])).rejects.toThrow(StateLimitExceeded);
        }
      });

      it('of additions: to numbers alone', async () => {
        await state.write({ put: key(), body: { text: 'a', nothing: null } });
        for (const name of ['text', 'nothing'])
          await expect(state.write({ update: key(), add: { [name]: 1 } })).rejects.toThrow(StateLimitExceeded);
        await expect(state.write({ update: key(), set: { n: 1 }, add: { n: 1 } })).rejects.toThrow(StateLimitExceeded);
      });

      it('of a row', async () => {
        await expect(state.write({ put: key(), body: { text: 'x'.repeat(400 * 1024) } })).rejects.toThrow(
          StateLimitExceeded,
        );
        await state.write({ put: key(), body: { text: 'x'.repeat(390 * 1024) } });
      });
    });

    describe('events', () => {
      const pending = async (): Promise<string[]> =>
        (await subject.pendingEvents())
          .map(({ id }) => id)
          .filter((id) => id.startsWith(`${pk}-`))
          .sort();

      it('are there when the write is, and with their ids', async () => {
        await state.write({ put: key(), body: {}, events: [event(`${pk}-1`), event(`${pk}-2`)] });
        expect((await subject.pendingEvents()).find(({ id }) => id === `${pk}-1`)).toEqual(event(`${pk}-1`));
        await state.write({ update: key('b'), set: { a: 1 }, events: [event(`${pk}-3`)] });
        expect(await pending()).toEqual([1, 2, 3].map((n) => `${pk}-${n}`));
      });

      it('are not there when the write is not', async () => {
        await expect(
          state.write({ put: key(), body: {}, when: { row: 'present' }, events: [event(`${pk}-1`)] }),
        ).rejects.toThrow(ConditionFailed);
        expect(await pending()).toEqual([]);
      });

      it('are no part of the row', async () => {
        await state.write({ put: key(), body: { a: 1 }, events: [event(`${pk}-1`)] });
        expect(plain(await state.get(key()))).toEqual({ ...key(), version: 1, body: { a: 1 } });
      });

      it('of a delete survive the row', async () => {
        await state.write({ put: key(), body: {} });
        await state.write({ delete: key(), events: [event(`${pk}-1`)] });
        expect(await state.get(key())).toBeUndefined();
        expect(await pending()).toEqual([`${pk}-1`]);
      });

      it('of a transaction are all there, whatever kind of write named them', async () => {
        await state.write({ put: key('old'), body: {} });
        await state.transact([
          { delete: key('old'), events: [event(`${pk}-1`)] },
          { put: key('a'), body: {}, events: [event(`${pk}-2`)] },
          { update: key('b'), set: {}, events: [event(`${pk}-3`)] },
        ]);
        expect(await pending()).toEqual([1, 2, 3].map((n) => `${pk}-${n}`));
      });

      it('of one write are not told again by the next', async () => {
        if (name === 'SQLite') return; // Its changes are rows of their own.
        await state.write({ put: key(), body: {}, events: [event(`${pk}-1`)] });
        await state.write({ update: key(), set: { a: 1 } });
        expect(await pending()).toEqual([]);
      });

      it('that stand alone lie in the outbox, for the tick to find', async () => {
        if (name === 'SQLite') return; // It has none.
        await state.write({ put: key(), body: {} });
        await state.write({ delete: key(), events: [event(`${pk}-1`)] });
        const outbox = await Promise.all(
          Array.from({ length: outboxShards }, (_, shard) =>
            queryAll<OutboxItem>(state, { pk: outboxPartition(shard) }),
          ),
        );
        expect(outbox.flat().flatMap(({ body }) => eventsOfOutbox(body))).toContainEqual(event(`${pk}-1`));
      });
    });
  },
);
