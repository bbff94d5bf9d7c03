/** Rights: each function has some, the gateway's reach no secret, and the clock's functions keep to theirs. */
import { eventFault } from '../../core/event-limits.ts';
import { deadLettersOf } from '../support/dead-letters.ts';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DynamoDBStreamEvent } from 'aws-lambda';
import { publishChanges } from '../../aws/publish-changes.ts';
import { toRowItem } from '../../aws/state-item.ts';
import { issueKey } from '../../core/access-keys.ts';
import type { Context } from '../../core/context.ts';
import type { OutgoingEvent } from '../../core/events.ts';
import { outboxKey } from '../../core/outbox.ts';
import { fitting, joinRights, purposeOf } from '../../core/rights.ts';
import { scheduleTimer, timerKey } from '../../core/timers.ts';
import { functionNames, rightsOf } from '../../events/rights.ts';
import { handler as keepDeadLetter } from '../../functions/clock/keep-dead-letter.ts';
import { handler as tick } from '../../functions/clock/tick.ts';
import type { ClockContext } from '../../functions/clock/timer-queue.ts';
import { testContext, type TestContext } from '../support/context.ts';
import { expectNothingRefused, guarded } from '../support/guarded.ts';

let flotilla: TestContext;
beforeEach(() => {
  flotilla = testContext();
});
afterEach(() => flotilla.close());

test('patterns are exact, or begin so', () => {
  expect(fitting(['COMMAND#*'], 'COMMAND#1')).toBe('COMMAND#*');
  expect(fitting(['COMMAND#*'], 'COMMANDS#1')).toBeUndefined();
  expect(fitting(['TOPICS'], 'TOPICS#1')).toBeUndefined();
  expect(joinRights({ reads: ['B', 'A'], signs: true }, { reads: ['A'], writes: ['C'] })).toEqual({
    reads: ['A', 'B'],
    writes: ['C'],
    signs: true,
  });
});

test.each(functionNames)('%s has rights', (name) => {
  expect(Object.keys(rightsOf(name)).length).toBeGreaterThan(0);
});

test('a function without rights is refused', () => {
  expect(() => rightsOf('no-such-function')).toThrow('no-such-function has no rights: give it some');
});

test('every row that a right names is one that a store keys', () => {
  const root = path.resolve(import.meta.dirname, '../..');
  const sources = ['core', 'functions'].flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(path.join(root, folder, file), 'utf8')),
  );
  const named = functionNames.flatMap((name) => [...(rightsOf(name).reads ?? []), ...(rightsOf(name).writes ?? [])]);
  for (const pattern of new Set(named)) {
    const text = pattern.replace('*', '');
    const isKeyed = sources.some((source) => source.includes(`\`${text}`) || source.includes(`'${text}`));
    expect(isKeyed, pattern).toBe(true);
  }
});

describe('the gateway', () => {
  const { reads, writes, decrypts, encrypts, ...others } = rightsOf('gateway');

  test('reads no parameter, decrypts nodes’ keys alone, and writes no access key', () => {
    for (const pk of ['PARAMETER#/db/password', 'PARAMETERS-IN#/db', 'PARAMETER-GRANTS', 'NODE#mi-1', 'DEAD-LETTERS'])
      expect(fitting(reads, pk), pk).toBeUndefined();
    for (const pk of ['ACCESS-KEY#AKIA', 'ACCESS-KEYS#PERSON', 'NODE#mi-1', 'DOCUMENT-VERSIONS#d', 'PARAMETER#/a'])
      expect(fitting(writes, pk), pk).toBeUndefined();
    expect(decrypts).toEqual(['node-access-key']);
    expect(encrypts).toBeUndefined();
    expect(others).toEqual({ wakesNodes: true, asksAlarms: true, signs: true });
  });

  test('a person’s key and a node’s are encrypted for different purposes', async () => {
    const purposes: string[] = [];
    const context: Context = {
      ...flotilla.context,
      keys: {
        ...flotilla.context.keys,
        encrypt: async (_secret, purpose) => {
          purposes.push(purposeOf(purpose));
          return '';
        },
      },
    };
    await issueKey(context, { owner: { kind: 'person', name: 'ops', role: 'admin' } });
    await issueKey(context, { owner: { kind: 'node', nodeId: 'mi-1' }, expiresAt: Date.now() + 3_600_000 });
    expect(purposes).toEqual(['access-key', 'node-access-key']);
  });
});

describe('the guard', () => {
  test('refuses what the rights do not allow, and says what', async () => {
    const { state, keys } = guarded('keep-dead-letters', flotilla.context);
    await expect(async () => state.get({ pk: 'PARAMETER#/a', sk: 'PARAMETER' })).rejects.toThrow(
      'keep-dead-letters reads PARAMETER#/a',
    );
    await expect(async () => keys.decrypt('', { PARAMETER_ARN: 'arn' })).rejects.toThrow('decrypts parameter');
    expect(expectNothingRefused).toThrow(/rights are missing[^]*keep-dead-letters decrypts parameter/);
    expect(expectNothingRefused).not.toThrow();
  });
});

describe('the clock’s functions keep to their rights', () => {
  const sent: object[] = [];
  const published: string[] = [];
  const context = (name: string): ClockContext =>
    guarded<ClockContext>(name, {
      ...flotilla.context,
      bus: {
        publish: async (events) => {
          const [large = [], small = []] = [true, false].map((is) => events.filter((one) => !!eventFault(one) === is));
          published.push(...small.map(({ id }) => id));
          return large.map((one) => ({ event: one, reason: 'too large', isFinal: true }));
        },
      },
      timerQueue: { send: async (messages) => void sent.push(...messages) },
    });
  const event: OutgoingEvent = { id: 'e1', detailType: 'Test', time: 0, resources: [], detail: {} };
  const timer = { id: 't', kind: 'k', key: 'e', due: 0, payload: {} };
  beforeEach(() => {
    sent.length = 0;
    published.length = 0;
  });
  afterEach(expectNothingRefused);

  test('publish-changes', async () => {
    const outbox = outboxKey(flotilla.clock.now(), 'e1');
    const images = [
      toRowItem({ ...outbox, version: 1, body: { events: [event] } }),
      toRowItem({ ...timerKey(timer), version: 1, body: timer }),
      // Larger than the bus takes: a dead letter.
      toRowItem({
        pk: 'a',
        sk: 'a',
        version: 1,
        body: {},
        events: [{ ...event, id: 'e2', detail: { x: 'x'.repeat(300_000) } }],
      }),
    ];
    const records = images.map((image, place) => ({
      eventName: 'INSERT',
      dynamodb: { Keys: { pk: image.pk, sk: image.sk }, NewImage: image, SequenceNumber: String(place) },
    }));
    await publishChanges({ Records: records } as DynamoDBStreamEvent, context('publish-changes'));
    expect(published).toEqual(['e1']);
    expect(sent).toHaveLength(1);
    expect(await deadLettersOf(flotilla.state)).toMatchObject([{ event: { id: 'e2' } }]);
  });

  test('tick', async () => {
    await flotilla.state.write(scheduleTimer({ ...timer, due: flotilla.clock.now() }));
    const old = outboxKey(flotilla.clock.now() - 3_600_000, 'e1');
    await flotilla.state.write({ put: old, body: { events: [event] } });
    await tick({}, context('tick'));
    expect(published).toEqual(['e1']);
    expect(sent).toHaveLength(1);
  });

  test('keep-dead-letters', async () => {
    await keepDeadLetter(
      {
        timestamp: '2026-01-05T09:00:00Z',
        requestContext: {
          requestId: 'r',
          functionArn: 'arn:aws:lambda:us-east-1:123456789012:function:flotilla-test-tick:$LATEST',
          condition: 'RetriesExhausted',
          approximateInvokeCount: 3,
        },
        requestPayload: {
          version: '0',
          id: 'e1',
          'detail-type': 'Test',
          source: 'flotilla.ssm',
          account: '123456789012',
          time: '2026-01-05T09:00:00Z',
          region: 'us-east-1',
          resources: [],
          detail: {},
        },
      },
      context('keep-dead-letters'),
    );
  });
});
