/** The DynamoDB adapter when answers are lost, rows are held by others and the table is busy. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { ListCommandsCommand, SendCommandCommand, SSMClient, type SSMServiceException } from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DynamoState } from '../../aws/dynamodb-state.ts';
import { ManualClock } from '../../core/clock.ts';
import { ConditionFailed, queryAll, StateUnavailable, WriteOutcomeUnknown, type Key } from '../../core/state.ts';
import { createTable, dynamoClient, startDynamoFront, type Fate, type FrontServer } from '../support/dynamodb.ts';
import { openFrontDoorOn } from '../support/front-door-on.ts';
import { testStart } from '../support/state.ts';

const table = 'flotilla';

describe('DynamoDB in trouble', () => {
  const clock = new ManualClock(testStart);
  let front: FrontServer;
  let state: DynamoState;
  const pk = 'P';

  beforeEach(async () => {
    front = await startDynamoFront();
    await createTable(dynamoClient(front), table);
    state = new DynamoState({ client: dynamoClient(front), table, clock });
  });
  afterEach(() => front.stop());

  const key = (sk = 'a'): Key => ({ pk, sk });
  const first = (count: number, operation: string, fate: Fate): void => front.first(count, operation, fate);
  const sent = (operation: string): number =>
    front.requests.filter((request) => request.operation === operation).length;

  describe('a write whose answer is lost has been made, once', () => {
    test('a put on condition', async () => {
      first(1, 'PutItem', 'lose-answer');
      expect(await state.write({ put: key(), body: { a: 1 }, when: { row: 'absent' } })).toEqual({
        ...key(),
        version: 1,
        body: { a: 1 },
      });
      expect(sent('PutItem')).toBe(2);
    });

    test('an update on condition', async () => {
      await state.write({ put: key(), body: { a: 1 } });
      first(1, 'UpdateItem', 'lose-answer');
      expect(await state.write({ update: key(), set: { b: 2 }, when: { version: 1 } })).toEqual({
        ...key(),
        version: 2,
        body: { a: 1, b: 2 },
      });
      expect(sent('UpdateItem')).toBe(2);
    });

    test('an addition without any', async () => {
      first(2, 'UpdateItem', 'lose-answer');
      expect(await state.write({ update: key(), add: { n: 1 } })).toEqual({ ...key(), version: 1, body: { n: 1 } });
      expect(await state.get(key())).toMatchObject({ version: 1, body: { n: 1 } });
      expect(sent('UpdateItem')).toBe(3);
    });

    test('somebody else’s write is not taken for it', async () => {
      const other = new DynamoState({ client: dynamoClient(front), table, clock });
      await other.write({ put: key(), body: { theirs: true } });
      first(1, 'PutItem', 'lose-answer');
      await expect(state.write({ put: key(), body: { theirs: true }, when: { row: 'absent' } })).rejects.toThrow(
        ConditionFailed,
      );
    });

    test('a transaction is sent again under its token', async () => {
      first(1, 'TransactWriteItems', 'lose-answer');
      await state
        .transact([
          { update: key(), add: { n: 1 } },
          { put: key('b'), body: {} },
        ])
        .catch(() => undefined);
      const tokens = front.requests
        .filter(({ operation }) => operation === 'TransactWriteItems')
        .map(({ body }) => body['ClientRequestToken']);
      expect(tokens).toEqual([expect.any(String), tokens[0]]);
    });
  });

  describe('a write whose answers are all lost', () => {
    test.each<Fate>(['lose-answer', 'answer-500'])('is found in the table (%s)', async (fate) => {
      first(Infinity, 'PutItem', fate);
      expect(await state.write({ put: key(), body: { a: 1 }, when: { row: 'absent' } })).toMatchObject({ version: 1 });
      first(Infinity, 'UpdateItem', fate);
      expect(await state.write({ update: key(), add: { n: 1 } })).toMatchObject({ version: 2, body: { a: 1, n: 1 } });
      expect(await state.get(key())).toMatchObject({ version: 2, body: { a: 1, n: 1 } });
      first(Infinity, 'DeleteItem', fate);
      await state.write({ delete: key(), when: { version: 2 } });
      expect(await state.get(key())).toBeUndefined();
    });

    test('is found in the table, also where the table is busy from then on', async () => {
      let lost = false;
      front.decide = ({ operation }) => {
        if (operation !== 'UpdateItem') return 'pass';
        if (lost) return { error: 'ProvisionedThroughputExceededException' };
        lost = true;
        return 'lose-answer';
      };
      expect(await state.write({ update: key(), add: { n: 1 } })).toMatchObject({ body: { n: 1 } });
    });

    test.each<Fate>(['lose-answer', 'answer-500'])('as a transaction is made once (%s)', async (fate) => {
      first(Infinity, 'TransactWriteItems', fate);
      await state.transact([
        { check: key('c'), when: { row: 'absent' } },
        { update: key(), add: { n: 1 } },
        { put: key('b'), body: {}, when: { row: 'absent' } },
      ]);
      expect(await queryAll(state, { pk })).toMatchObject([{ sk: 'a', body: { n: 1 } }, { sk: 'b' }]);
    });

    test('as a delete with events is made once', async () => {
      await state.write({ put: key(), body: {} });
      const event = { id: '1', detailType: 'Test', time: 1, resources: [], detail: {} };
      first(Infinity, 'TransactWriteItems', 'lose-answer');
      await state.write({ delete: key(), when: { row: 'present' }, events: [event] });
      expect(await state.get(key())).toBeUndefined();
    });
  });

  describe('a write of which nobody knows what became', () => {
    test.each<Fate>(['drop', { error: 'InternalServerError', status: 500 }])(
      'is told of as that (%j)',
      async (fate) => {
        first(Infinity, 'PutItem', fate);
        await expect(state.write({ put: key(), body: {} })).rejects.toThrow(WriteOutcomeUnknown);
        first(Infinity, 'TransactWriteItems', fate);
        await expect(
          state.transact([
            { put: key(), body: {} },
            { put: key('b'), body: {} },
          ]),
        ).rejects.toThrow(WriteOutcomeUnknown);
      },
    );

    test('is not taken for one that failed: somebody wrote on top', async () => {
      await state.write({ put: key(), body: { n: 0 } });
      const other = new DynamoState({ client: dynamoClient(front), table, clock });
      let lost = false;
      front.decide = ({ operation, body }) => {
        if (operation !== 'UpdateItem' || JSON.stringify(body).includes('theirs')) return 'pass';
        if (lost) return 'pass';
        lost = true;
        return 'lose-answer';
      };
      const theirs = (async () => {
        while ((await other.get(key()))?.version !== 2) await new Promise((resolve) => setImmediate(resolve));
        await other.write({ update: key(), set: { theirs: 1 } });
      })();
      const ours = await state
        .write({ update: key(), set: { n: 1 }, when: { version: 1 } })
        .catch((error: Error) => error);
      await theirs;
      // Whoever was quicker: it was made, and is never said to have failed.
      expect(ours).not.toBeInstanceOf(ConditionFailed);
      expect(await state.get(key())).toMatchObject({ version: 3, body: { n: 1, theirs: 1 } });
    });
  });

  test('one SendCommand makes one command, whatever the store makes of its answer', async () => {
    for (const fate of ['lose-answer', 'answer-500', 'drop'] satisfies Fate[]) {
      const flotilla = await openFrontDoorOn(state);
      const ssm = new SSMClient({
        endpoint: flotilla.endpoint,
        region: 'us-east-1',
        credentials: flotilla.credentials,
      });
      const before = (await ssm.send(new ListCommandsCommand({}))).Commands ?? [];
      front.decide = ({ operation, body }) =>
        /^(TransactWriteItems|PutItem)$/.test(operation) && JSON.stringify(body).includes(`say ${String(fate)}`)
          ? fate
          : 'pass';
      const sent = await ssm
        .send(
          new SendCommandCommand({
            DocumentName: 'AWS-RunShellScript',
            Targets: [{ Key: 'tag:Role', Values: ['web'] }],
            Parameters: { commands: ['true'] },
            Comment: `say ${fate}`,
          }),
        )
        .catch((error: SSMServiceException) => error);
      front.decide = () => 'pass';
      const made = ((await ssm.send(new ListCommandsCommand({}))).Commands ?? []).length - before.length;
      if (fate === 'drop') {
        expect(sent).toMatchObject({
          name: 'RequestOutcomeUnknownException',
          $metadata: { httpStatusCode: 409, attempts: 1 },
        });
        expect(made).toBe(0);
      } else {
        expect(sent).toMatchObject({
          Command: { CommandId: expect.any(String) as string },
          $metadata: { attempts: 1 },
        });
        expect(made).toBe(1);
      }
      ssm.destroy();
      await flotilla.close();
    }
  });

  describe('rows that a transaction holds are waited for', () => {
    const conflict = (...reasons: string[]): Fate => ({ error: 'TransactionCanceledException', reasons });

    test('by a transaction', async () => {
      first(3, 'TransactWriteItems', conflict('TransactionConflict', 'None'));
      await state.transact([
        { put: key(), body: {} },
        { put: key('b'), body: {} },
      ]);
      expect(sent('TransactWriteItems')).toBe(4);
      expect(await queryAll(state, { pk })).toHaveLength(2);
    });

    test('by a single write', async () => {
      first(3, 'PutItem', { error: 'TransactionConflictException' });
      await state.write({ put: key(), body: {} });
      expect(sent('PutItem')).toBe(4);
    });

    test('but not when a condition failed beside it', async () => {
      first(1, 'TransactWriteItems', conflict('TransactionConflict', 'ConditionalCheckFailed'));
      await expect(
        state.transact([
          { put: key(), body: {} },
          { check: key('b'), when: { row: 'present' } },
        ]),
      ).rejects.toMatchObject({ name: 'ConditionFailed', position: 1, key: key('b') });
      expect(sent('TransactWriteItems')).toBe(1);
    });

    test('and not for ever', async () => {
      first(Infinity, 'PutItem', { error: 'TransactionConflictException' });
      await expect(state.write({ put: key(), body: {} })).rejects.toThrow(StateUnavailable);
      expect(sent('PutItem')).toBeLessThan(20);
    });
  });

  describe('a table that is busy', () => {
    test('is asked again', async () => {
      first(1, 'PutItem', { error: 'ProvisionedThroughputExceededException' });
      await state.write({ put: key(), body: {} });
      expect(await state.get(key())).toBeDefined();
    });

    test.each(['ProvisionedThroughputExceededException', 'RequestLimitExceeded'])(
      'for good (%s) is told of as unavailable',
      async (type) => {
        first(Infinity, 'PutItem', { error: type });
        await expect(state.write({ put: key(), body: {} })).rejects.toThrow(StateUnavailable);
      },
    );

    test('takes part of a batch: the rest is sent again', async () => {
      type Requests = Record<string, unknown[]>;
      let busy = 3;
      front.decide = ({ operation, body }) => {
        const all = (body['RequestItems'] as Requests)?.[table] ?? [];
        if (operation !== 'BatchWriteItem' || all.length < 2 || busy-- <= 0) return 'pass';
        return {
          change: { ...body, RequestItems: { [table]: all.slice(0, 1) } },
          answer: (answer) => ({ ...answer, UnprocessedItems: { [table]: all.slice(1) } }),
        };
      };
      await state.batch(Array.from({ length: 30 }, (_, n) => ({ put: key(`${n}`), body: { n } })));
      expect(await queryAll(state, { pk })).toHaveLength(30);
    });

    test('reads part of what is asked: the rest is asked again', async () => {
      await state.batch(Array.from({ length: 12 }, (_, n) => ({ put: key(`${n}`), body: { n } })));
      type Keys = Record<string, { Keys: Record<string, AttributeValue>[] }>;
      let busy = 3;
      front.decide = ({ operation, body }) => {
        const all = (body['RequestItems'] as Keys)?.[table]?.Keys ?? [];
        if (operation !== 'BatchGetItem' || busy-- <= 0) return 'pass';
        return {
          change: { ...body, RequestItems: { [table]: { Keys: all.slice(0, 2) } } },
          answer: (answer) => ({ ...answer, UnprocessedKeys: { [table]: { Keys: all.slice(2) } } }),
        };
      };
      expect(await state.getMany(Array.from({ length: 12 }, (_, n) => key(`${n}`)))).toHaveLength(12);
    });
  });

  test('a table that cannot be reached is unavailable', async () => {
    await front.stop();
    await expect(state.get(key())).rejects.toThrow(StateUnavailable);
    await expect(
      state.transact([
        { put: key(), body: {} },
        { put: key('b'), body: {} },
      ]),
    ).rejects.toThrow(StateUnavailable);
  });

  test('a row that expired and was made anew by somebody meanwhile is updated, not replaced', async () => {
    const other = new DynamoState({ client: dynamoClient(front), table, clock });
    const expire = async (sk: string): Promise<void> => {
      await state.write({ put: key(sk), body: { old: 1 }, expiresAt: clock.now() / 1000 + 1 });
    };
    await expire('a');
    await expire('b');
    clock.advance(1000);
    // Ours is refused until theirs is there: which of two is quicker must not decide what is tested.
    const theirs = new Map<string, Promise<unknown>>();
    let done = false;
    const comeBetween = (sk: string): void => {
      if (!theirs.has(sk))
        theirs.set(
          sk,
          other.write({ put: key(sk), body: { theirs: 1 } }).then(() => (done = true)),
        );
    };
    front.decide = ({ operation, body }) => {
      // The adapter has seen the expired row and is about to make it anew.
      if (operation !== 'PutItem' || done || JSON.stringify(body).includes('theirs')) return 'pass';
      comeBetween('a');
      return { error: 'TransactionConflictException' };
    };
    expect(await state.write({ update: key(), add: { n: 1 } })).toEqual({
      ...key(),
      version: 2,
      body: { theirs: 1, n: 1 },
    });
    await theirs.get('a');

    done = false;
    front.decide = ({ operation, body }) => {
      if (operation !== 'TransactWriteItems' || done || !JSON.stringify(body).includes('"Put"')) return 'pass';
      comeBetween('b');
      return { error: 'TransactionCanceledException', reasons: ['TransactionConflict'] };
    };
    await state.transact([
      { update: key('b'), add: { n: 1 } },
      { put: key('c'), body: {} },
    ]);
    await theirs.get('b');
    expect(await state.get(key('b'))).toEqual({ ...key('b'), version: 2, body: { theirs: 1, n: 1 } });
  });
});
