/** What the publisher does when the bus or the queue does not take all: ports of the test's own, a real state. */
import type { DynamoDBStreamEvent } from 'aws-lambda';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { toRowItem } from '../../aws/state-item.ts';
import { publishChanges } from '../../aws/publish-changes.ts';
import type { Refusal } from '../../core/bus.ts';
import { deadLettersOf } from '../support/dead-letters.ts';
import type { OutgoingEvent } from '../../core/events.ts';
import {
  eventsOfOutbox,
  outboxBody,
  outboxKey,
  outboxPartition,
  outboxShards,
  type OutboxItem,
} from '../../core/outbox.ts';
import { queryAll, StateUnavailable, type Key, type State } from '../../core/state.ts';
import { scheduleTimer, type Timer } from '../../core/timers.ts';
import { sentAhead, type ClockContext, type TimerReference } from '../../functions/clock/timer-queue.ts';
import { testContext, type TestContext } from '../support/context.ts';

let flotilla: TestContext;
let published: string[];
let sent: TimerReference[];
/** Ids that the bus refuses. */
let refused: Set<string>;
/** Ids that the bus will never take. */
let poison: Set<string>;
let queueDown: boolean;
beforeEach(() => {
  flotilla = testContext();
  published = [];
  sent = [];
  refused = new Set();
  poison = new Set();
  queueDown = false;
});
afterEach(() => flotilla.close());

function context(): ClockContext {
  return {
    ...flotilla.context,
    bus: {
      publish: async (events) => {
        const refusals = events.flatMap((event): Refusal[] => {
          if (poison.has(event.id)) return [{ event, reason: 'MalformedDetail', isFinal: true }];
          return refused.has(event.id) ? [{ event, reason: 'ThrottlingException', isFinal: false }] : [];
        });
        published.push(...events.filter((one) => !refusals.some(({ event }) => event === one)).map(({ id }) => id));
        return refusals;
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

/** The ids of the events in the outbox. */
async function outboxLeft(): Promise<string[]> {
  const shards = Array.from({ length: outboxShards }, (_, shard) => outboxPartition(shard));
  const rows = await Promise.all(shards.map((pk) => queryAll<OutboxItem>(flotilla.state, { pk })));
  return rows.flat().flatMap(({ body }) => eventsOfOutbox(body).map(({ id }) => id));
}
const letters = () => deadLettersOf(flotilla.state);

test('what the bus cannot take now waits in the outbox, alone: nothing comes again', async () => {
  refused.add('c').add('e');
  expect(await publishChanges(stream(row('a', 'b'), row('c', 'd'), row('e')), context())).toEqual({
    batchItemFailures: [],
  });
  expect(published).toEqual(['a', 'b', 'd']);
  expect((await outboxLeft()).sort()).toEqual(['c', 'e']);
});

test('what the bus never takes is a dead letter at once, and holds up nothing', async () => {
  poison.add('b');
  expect(await publishChanges(stream(row('a', 'b'), row('c')), context())).toEqual({ batchItemFailures: [] });
  expect(published).toEqual(['a', 'c']);
  expect(await letters()).toMatchObject([{ kind: 'event', route: 'EventBridge', event: event('b') }]);
});

test('a record that cannot be read is set aside as it came, and its neighbours are published', async () => {
  const broken = { ...row('x'), _events: { S: 'not JSON' } };
  expect(await publishChanges(stream(row('a'), broken, row('b')), context())).toEqual({ batchItemFailures: [] });
  expect(published).toEqual(['a', 'b']);
  const [letter, ...rest] = await letters();
  expect(rest).toEqual([]);
  expect(letter).toMatchObject({ kind: 'record', error: expect.stringContaining('UnreadableEvents') as string });
  expect(JSON.parse((letter as { text: string }).text)).toMatchObject({ dynamodb: { NewImage: broken } });
});

test('events of a newer version wait in the outbox, as they were written, until that version reads them', async () => {
  const text = JSON.stringify({ version: 2, events: [{ name: 'newer' }] });
  const newer = { ...row('x'), _events: { S: text } };
  const outboxRow = outboxKey(flotilla.clock.now(), 'y');
  await flotilla.state.write({ put: outboxRow, body: outboxBody(text) });
  expect(await publishChanges(stream(newer, item(outboxRow, outboxBody(text))), context())).toEqual({
    batchItemFailures: [],
  });
  const shards = Array.from({ length: outboxShards }, (_, shard) => outboxPartition(shard));
  const rows = (await Promise.all(shards.map((pk) => queryAll<OutboxItem>(flotilla.state, { pk })))).flat();
  expect(rows.map(({ body }) => body.events)).toEqual([text, text]);
  expect(await letters()).toEqual([]);
});

test('a record comes again only while the table takes neither the event nor a letter', async () => {
  refused.add('b');
  poison.add('d');
  const full = { ...context(), state: stateThatTakesNothing() };
  expect(await publishChanges(stream(row('a'), row('b'), row('c'), row('d')), full)).toEqual({
    batchItemFailures: [{ itemIdentifier: 's1' }],
  });
  expect(published).toEqual(['a', 'c']);
});

function stateThatTakesNothing(): State {
  const refuse = (): Promise<never> => Promise.reject(new StateUnavailable('throttled'));
  return { ...bound(flotilla.state), write: refuse, transact: refuse, batch: refuse };
}
const bound = (state: State): State => ({
  get: (key) => state.get(key),
  getMany: (keys) => state.getMany(keys),
  query: (query) => state.query(query),
  write: (write) => state.write(write),
  transact: (writes) => state.transact(writes),
  batch: (writes) => state.batch(writes),
});

test('an outbox row goes once its events are out, and stays while they are not', async () => {
  const [good, bad] = [event('good'), event('bad')];
  const rows = [good, bad].map((one) => ({ put: outboxKey(flotilla.clock.now(), one.id), body: outboxBody([one]) }));
  await flotilla.state.batch(rows);
  refused.add('bad');
  expect(await publishChanges(stream(...rows.map(({ put, body }) => item(put, body))), context())).toEqual({
    batchItemFailures: [],
  });
  expect(await flotilla.state.get(rows[0]!.put)).toBeUndefined();
  expect(await flotilla.state.get(rows[1]!.put)).toBeDefined();
  expect(await outboxLeft()).toEqual(['bad']);
});

test('an outbox row of before events were text is published too', async () => {
  const key = outboxKey(flotilla.clock.now(), 'old');
  await publishChanges(stream(item(key, { events: [event('old')] })), context());
  expect(published).toEqual(['old']);
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

test('a queue that is down keeps no event from the bus, and the next tick sends the timer', async () => {
  queueDown = true;
  expect(await publishChanges(stream(row('a'), timerItem(timer('near', flotilla.clock.now()))), context())).toEqual({
    batchItemFailures: [],
  });
  expect(published).toEqual(['a']);
});
