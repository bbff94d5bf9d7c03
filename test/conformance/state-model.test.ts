/**
 * Any sequence of writes, conditions, transactions, expiries and index changes leaves every implementation as
 * the plain model of the contract has it, and answers alike on the way.
 */
import fc, { type Arbitrary } from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ManualClock } from '../../core/clock.ts';
import {
  ConditionFailed,
  queryAll,
  type Check,
  type Condition,
  type Key,
  type Query,
  type State,
  type Write,
} from '../../core/state.ts';
import { ModelState } from '../support/model-state.ts';
import { stateImplementations, titleOf, type StateSubject } from '../support/state-implementations.ts';
import { testStart } from '../support/state.ts';

type Step =
  | { readonly write: Write }
  | { readonly transact: readonly (Write | Check)[] }
  | { readonly batch: Parameters<State['batch']>[0] }
  | { readonly wait: number };

// Few keys and values, so that writes meet. Sort keys whose order UTF-16 gets wrong are among them.
const key: Arbitrary<Key> = fc.record({
  pk: fc.constantFrom('P', 'Q'),
  sk: fc.constantFrom('a', 'a#1', 'a#2', 'b', 'ü', '\uffee', '𝄞'),
});
const indexKey: Arbitrary<Key> = fc.record({
  pk: fc.constantFrom('I', 'J'),
  sk: fc.constantFrom('1', '2', '2#', '\uffee', '𝄞'),
});
const scalar = fc.constantFrom<string | number | boolean>('x', '', 'y', 0, 1, -2.5, true, false);
const value = fc.oneof(
  scalar,
  fc.constantFrom<unknown>(null, undefined, [], {}, [1, [null, { a: '' }]], { a: { 'b.c': [] } }, '𝄞 ü "\\'),
);
const members = (of: Arbitrary<unknown>) =>
  fc.dictionary(fc.constantFrom('s', 't', 'version', 'pk', 'expiresAt', '_events', 'constructor', '__proto__'), of, {
    maxKeys: 3,
  });
const expiry = fc.constantFrom(1, 5, 10);

const condition: Arbitrary<Condition> = fc.oneof(
  fc.record({ row: fc.constantFrom('absent' as const, 'present' as const) }),
  fc.record({ version: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ equals: members(scalar) as Arbitrary<Record<string, string>> }),
  fc.record({ oneOf: fc.dictionary(fc.constantFrom('s', 't'), fc.array(scalar, { maxLength: 3 }), { maxKeys: 2 }) }),
  fc.record({ missing: fc.uniqueArray(fc.constantFrom('s', 't', 'n'), { maxLength: 2 }) }),
  fc.record({
    row: fc.constant('present' as const),
    version: fc.integer({ min: 1, max: 2 }),
    missing: fc.constant(['u']),
  }),
);
const when = fc.option(condition, { nil: undefined });
const indexes = fc.record({ index1: indexKey }, { requiredKeys: [] });
const put = fc.record({ put: key, body: members(value) }, { requiredKeys: ['put', 'body'] });
const withExpiry = { expiresAt: expiry, indexes };

const write: Arbitrary<Write> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ put: key, body: members(value), when, ...withExpiry }, { requiredKeys: ['put', 'body'] }),
  },
  {
    weight: 4,
    arbitrary: fc.record(
      {
        update: key,
        set: members(value),
        remove: fc.uniqueArray(fc.constantFrom('s', 't', 'u'), { maxLength: 2 }),
        add: fc.dictionary(fc.constantFrom('n', 'm'), fc.integer({ min: -3, max: 3 }), { maxKeys: 2 }),
        when,
        indexes: fc.record({ index1: fc.option(indexKey) }, { requiredKeys: [] }),
        expiresAt: fc.option(expiry),
      },
      { requiredKeys: ['update'] },
    ),
  },
  { weight: 2, arbitrary: fc.record({ delete: key, when }, { requiredKeys: ['delete'] }) },
);
const check: Arbitrary<Check> = fc.record({ check: key, when: condition });
const keyOf = (one: Write | Check): Key =>
  'put' in one ? one.put : 'update' in one ? one.update : 'delete' in one ? one.delete : one.check;
const single: Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ write }) },
  { weight: 1, arbitrary: fc.record({ batch: fc.array(fc.oneof(put, fc.record({ delete: key })), { maxLength: 6 }) }) },
  { weight: 2, arbitrary: fc.record({ wait: fc.constantFrom(1, 4, 10) }) },
);
const transaction: Arbitrary<Step> = fc.record({
  transact: fc.uniqueArray(fc.oneof({ weight: 3, arbitrary: write }, { weight: 1, arbitrary: check }), {
    maxLength: 5,
    selector: (one) => JSON.stringify(keyOf(one)),
  }),
});

const range: Arbitrary<Pick<Query, 'from' | 'to' | 'prefix'>> = fc.oneof(
  fc.constant({}),
  fc.record({ prefix: fc.constantFrom('a', 'a#', '2', '𝄞', 'none', '') }),
  fc.record(
    { from: fc.constantFrom('a#1', '2', 'ü'), to: fc.constantFrom('b', '2#', '\uffee', 'a') },
    { requiredKeys: [] },
  ),
);
const query: Arbitrary<Omit<Query, 'after'>> = fc
  .tuple(
    fc.constantFrom<Pick<Query, 'pk' | 'index'>>(
      { pk: 'P' },
      { pk: 'Q' },
      { pk: 'I', index: 'index1' },
      { pk: 'J', index: 'index1' },
    ),
    range,
    fc.record({ reverse: fc.boolean(), limit: fc.integer({ min: 1, max: 4 }) }, { requiredKeys: [] }),
  )
  .map(([source, bounds, more]) => ({ ...source, ...bounds, ...more }));

/**
 * Partitions of one run are not those of another: they share a table. @param zeroIsFalse where truth values are better
 * left out
 */
function inRun<T>(run: string, step: T, now: number, zeroIsFalse = false): T {
  const text = JSON.stringify(step, (name, member: unknown) => {
    if (zeroIsFalse && typeof member === 'boolean' && name !== 'reverse') return String(member);
    if (name === 'pk' && typeof member === 'string' && /^[PQIJ]$/.test(member)) return run + member;
    return member === undefined ? '\0undefined' : member;
  });
  return JSON.parse(text, function (this: Record<string, unknown>, name, member: unknown) {
    if (member === '\0undefined') return undefined;
    // The body may have a member of this name; a write's own is a number of seconds from now.
    return name === 'expiresAt' && typeof member === 'number' && ('put' in this || 'update' in this)
      ? now + member
      : member;
  }) as T;
}

const outcome = async (work: () => unknown): Promise<unknown> => {
  try {
    return { answer: (await work()) ?? 'nothing' };
  } catch (error) {
    if (error instanceof ConditionFailed) return { refused: error.key, place: error.position };
    throw error;
  }
};

describe.each(stateImplementations.map((one) => ({ ...one, title: titleOf(one) })))(
  '$title',
  ({ name, skip, zeroIsFalse, open }) => {
    let subject: StateSubject;
    const clock = new ManualClock(testStart);
    let runs = 0;

    beforeAll(async () => {
      if (!skip) subject = await open(clock);
    });
    afterAll(() => subject?.close());

    test.skipIf(Boolean(skip))('does what the contract says', async () => {
      const { state } = subject;
      const step = fc.oneof({ weight: 3, arbitrary: single }, { weight: 1, arbitrary: transaction });
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { minLength: 5, maxLength: 30 }),
          fc.array(query, { minLength: 3, maxLength: 6 }),
          async (steps, queries) => {
            const run = `R${++runs}-`;
            const model = new ModelState(clock);
            for (const abstract of steps) {
              const one = inRun(run, abstract, clock.now() / 1000, zeroIsFalse);
              if ('wait' in one) clock.advance(one.wait * 1000);
              else if ('write' in one)
                expect(await outcome(() => state.write(one.write)), JSON.stringify(one)).toEqual(
                  await outcome(() => model.write(one.write)),
                );
              else if ('batch' in one)
                expect(await outcome(() => state.batch(one.batch))).toEqual(
                  await outcome(() => model.transact(one.batch)),
                );
              else
                expect(await outcome(() => state.transact(one.transact)), JSON.stringify(one)).toEqual(
                  await outcome(() => model.transact(one.transact)),
                );
            }
            for (const abstract of queries) {
              const asked = inRun(run, abstract, 0);
              const expected = model.query(asked);
              const rows = await queryAll(state, asked);
              // Rows of one index key have no order among them.
              const at = new Map(expected.map((found) => [`${found.row.pk} ${found.row.sk}`, found.at]));
              expect(
                rows.map((row) => at.get(`${row.pk} ${row.sk}`)),
                JSON.stringify(asked),
              ).toEqual(expected.map((found) => found.at));
              for (const row of rows) expect(row).toEqual(model.get(row));
              if (asked.limit !== undefined)
                expect((await state.query(asked)).rows).toHaveLength(Math.min(asked.limit, expected.length));
            }
            const keys = ['P', 'Q'].flatMap((pk) => ['a', 'a#1', 'b', 'ü', '𝄞'].map((sk) => ({ pk: run + pk, sk })));
            const many = await state.getMany(keys);
            expect(new Map(many.map((row) => [`${row.pk} ${row.sk}`, row]))).toEqual(
              new Map(keys.flatMap((one) => model.get(one) ?? []).map((row) => [`${row.pk} ${row.sk}`, row])),
            );
          },
        ),
        { numRuns: { SQLite: 400, DynamoDB: 100 }[name] ?? 40 },
      );
    });
  },
);
