/** The version of a row's shape, in every implementation of the State port. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ManualClock } from '../../core/clock.ts';
import { queryAll, RowTooNew, StateUnavailable, type Key, type Row, type State, type Write } from '../../core/state.ts';
import { stateImplementations, titleOf, type StateSubject } from '../support/state-implementations.ts';
import { testStart } from '../support/state.ts';

const sorted = (page: { readonly rows: readonly Row[] }): string[] => page.rows.map(({ sk }) => sk);

describe.each(stateImplementations.map((one) => ({ ...one, title: titleOf(one) })))(
  '$title: the shape of a row',
  ({ skip, open }) => {
    const it = skip ? test.skip : test;
    let subject: StateSubject;
    let state: State;
    let clock: ManualClock;
    let partition = 0;
    let pk: string;

    beforeAll(async () => {
      clock = new ManualClock(testStart);
      if (!skip) subject = await open(clock);
      state = subject?.state;
    });
    afterAll(() => subject?.close());
    beforeEach(() => {
      pk = `P${++partition}`;
    });
    const key = (sk = 'a'): Key => ({ pk, sk });

    const newer = async (sk = 'a'): Promise<void> => {
      await state.write({ put: key(sk), body: { new: 1 }, shape: 2 });
    };

    it('is 1 unless it is given, and what the last write says', async () => {
      expect(await state.write({ put: key(), body: {} })).not.toHaveProperty('shape');
      expect(await state.write({ update: key(), set: { a: 1 }, shape: 2 })).toMatchObject({ shape: 2 });
      expect(await state.get(key(), { shape: 2 })).toEqual({ ...key(), version: 2, body: { a: 1 }, shape: 2 });
      expect(await state.write({ update: key(), set: { a: 2 }, shape: 3 })).toMatchObject({ shape: 3 });
    });

    it('newer than the reader knows is refused', async () => {
      await newer();
      await state.write({ put: key('b'), body: {} });
      await expect(state.get(key())).rejects.toThrow(RowTooNew);
      await expect(state.get(key(), { shape: 1 })).rejects.toThrow(StateUnavailable);
      await expect(state.getMany([key('b'), key()])).rejects.toThrow(RowTooNew);
      await expect(state.query({ pk })).rejects.toThrow(RowTooNew);
      expect(await state.getMany([key('b'), key()], { shape: 2 })).toHaveLength(2);
      expect(sorted(await state.query({ pk, shape: 2 }))).toEqual(['a', 'b']);
    });

    it('newer than the reader knows may be skipped in a query', async () => {
      for (const sk of ['a', 'b', 'd']) await newer(sk);
      for (const sk of ['c', 'e']) await state.write({ put: key(sk), body: {}, indexes: { index1: key(sk) } });
      await state.write({ update: key('a'), indexes: { index1: key('a') }, shape: 2 });
      expect(sorted(await state.query({ pk, newer: 'skip' }))).toEqual(['c', 'e']);
      expect(sorted({ rows: await queryAll(state, { pk, newer: 'skip', limit: 1 }) })).toEqual(['c', 'e']);
      expect(sorted(await state.query({ pk, newer: 'skip', shape: 2 }))).toHaveLength(5);
      expect(sorted(await state.query({ pk, index: 'index1', newer: 'skip' }))).toEqual(['c', 'e']);
    });

    it('newer than the writer knows leaves the row as it is', async () => {
      await newer();
      for (const write of [
        { put: key(), body: {} },
        { put: key(), body: {}, when: { version: 1 } },
        { update: key(), set: { old: 1 } },
        { update: key(), add: { n: 1 }, when: { row: 'present' as const } },
        { delete: key() },
        { delete: key(), when: { version: 1 } },
      ] satisfies Write[]) {
        await expect(state.write(write), JSON.stringify(write)).rejects.toThrow(RowTooNew);
        await expect(state.transact([{ put: key('b'), body: {} }, write])).rejects.toThrow(RowTooNew);
      }
      expect(await state.get(key(), { shape: 2 })).toMatchObject({ version: 1, body: { new: 1 } });
      expect(await state.get(key('b'))).toBeUndefined();
      await state.write({ put: key(), body: {}, shape: 2 });
      await state.write({ delete: key(), shape: 2 });
    });

    it('counts no more once the row has expired', async () => {
      await state.write({ put: key(), body: {}, shape: 2, expiresAt: Math.floor(clock.now() / 1000) + 10 });
      clock.advance(10_000);
      expect(await state.get(key())).toBeUndefined();
      await state.transact([
        { update: key(), set: { a: 1 } },
        { put: key('b'), body: {} },
      ]);
      expect(await state.get(key())).toEqual({ ...key(), version: 1, body: { a: 1 } });
    });
  },
);
