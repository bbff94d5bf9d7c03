/** What the publisher does when the bus or the queue does not take all: ports of the test's own, a real state. */
import type { DynamoDBStreamEvent } from 'aws-lambda';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { toRowItem } from '../../aws/state-item.ts';
import { publishChanges } from '../../aws/publish-changes.ts';
import { NotPublished } from '../../core/bus.ts';
import { deadLetterPartition, type DeadLetter } from '../../core/dead-letters.ts';
import type { OutgoingEvent } from '../../core/events.ts';
import { outboxKey } from '../../core/outbox.ts';
import { queryAll, type Key } from '../../core/state.ts';
import { scheduleTimer, type Timer } from '../../core/timers.ts';
import { sentAhead, type ClockContext, type TimerReference } from '../../functions/clock/timer-queue.ts';
import { testContext, type TestContext } from '../support/context.ts';

let flotilla: TestContext;
let published: string[];
let sent: TimerReference[];
/** Ids that the bus refuses. */
let refused: Set<string>;
let queueDown: boolean;
beforeEach(() => {
  flotilla = testContext();
  published = [];
  sent = [];
  refused = new Set();
  queueDown = false;
});
afterEach(() => flotilla.close());

function context(): ClockContext {
  return {
    ...flotilla.context,
    bus: {
      publish: async (events) => {
        published.push(...events.filter(({ id }) => !refused.has(id)).map(({ id }) => id));
        const failed = events.filter(({ id }) => refused.has(id));
        if (failed.length > 0) throw new NotPublished(failed, 'throttled');
      },
    },
    timerQueue: {
      send: async (messages) => {
        if (queueDown && messages.length > 0) throw new Error('the queue is down');
        sent.push(...messages.map(({ body }) => body));
      },
    },
  };
}

const event = (id: string, detail: object = {}): OutgoingEvent => ({
  id,
  detailType: 'Test',
  time: 0,
  resources: [],
  detail,
});
const item = (key: Key, body: object, events: OutgoingEvent[] = []) => toRowItem({ ...key, version: 1, body, events });
const stream = (...items: ReturnType<typeof item>[]): DynamoDBStreamEvent =>
  ({
    Records: items.map((image, place) => ({
      eventName: 'INSERT',
      dynamodb: { NewImage: image, SequenceNumber: `s${place}` },
    })),
  }) as DynamoDBStreamEvent;
const row = (...ids: string[]) =>
  item(
    { pk: 'P', sk: ids.join() },
    {},
    ids.map((id) => event(id)),
  );
const timerItem = (timer: Timer) => item(scheduleTimer(timer).put, timer);
const timer = (id: string, due: number, more: Partial<Timer> = {}): Timer => ({
  id,
  kind: 'k',
  key: 'e',
  due,
  payload: {},
  ...more,
});

test('what one item carries is published, of as many items as came', async () => {
  expect(await publishChanges(stream(row('a', 'b'), row('c')), context())).toEqual({ batchItemFailures: [] });
  expect(published).toEqual(['a', 'b', 'c']);
});

test('when the bus refuses some, the first of their items is named: it comes again, and all behind it', async () => {
  refused.add('c').add('e');
  expect(await publishChanges(stream(row('a', 'b'), row('c'), row('d'), row('e')), context())).toEqual({
    batchItemFailures: [{ itemIdentifier: 's1' }],
  });
  expect(published).toEqual(['a', 'b', 'd']);
});

test('an outbox row goes once its events are out, and stays while they are not', async () => {
  const [good, bad] = [event('good'), event('bad')];
  const rows = [good, bad].map((one) => ({ put: outboxKey(flotilla.clock.now(), one.id), body: { events: [one] } }));
  await flotilla.state.batch(rows);
  refused.add('bad');
  expect(await publishChanges(stream(...rows.map(({ put, body }) => item(put, body))), context())).toEqual({
    batchItemFailures: [{ itemIdentifier: 's1' }],
  });
  expect(await flotilla.state.get(rows[0]!.put)).toBeUndefined();
  expect(await flotilla.state.get(rows[1]!.put)).toBeDefined();
});

test('timers that the tick would miss are sent; later ones and those at work are not', async () => {
  const now = flotilla.clock.now();
  const items = [
    timer('near', now + sentAhead),
    timer('far', now + sentAhead + 1),
    timer('overdue', now - 1),
    timer('claimed', now, { claimedUntil: now + 1 }),
  ].map(timerItem);
  expect(await publishChanges(stream(...items), context())).toEqual({ batchItemFailures: [] });
  expect(sent).toEqual([
    { id: 'near', due: now + sentAhead },
    { id: 'overdue', due: now - 1 },
  ]);
});

test('a queue that is down keeps no event from the bus', async () => {
  queueDown = true;
  expect(await publishChanges(stream(row('a'), timerItem(timer('near', flotilla.clock.now()))), context())).toEqual({
    batchItemFailures: [{ itemIdentifier: 's1' }],
  });
  expect(published).toEqual(['a']);
});

test('an event that the bus will never take is kept as a dead letter, and holds up nothing', async () => {
  const large = event('large', { text: 'x'.repeat(257 * 1024) });
  expect(await publishChanges(stream(item({ pk: 'P', sk: 'S' }, {}, [large]), row('a')), context())).toEqual({
    batchItemFailures: [],
  });
  expect(published).toEqual(['a']);
  const letters = await queryAll<DeadLetter>(flotilla.state, { pk: deadLetterPartition });
  expect(letters.map(({ body }) => body)).toMatchObject([{ kind: 'event', id: 'large', route: 'EventBridge' }]);
});
