/** The tick, with a queue and a bus of the test's own and a real state. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Refusal } from '../../../core/bus.ts';
import type { QueuedMessage } from '../../../core/queue.ts';
import type { OutgoingEvent } from '../../../core/events.ts';
import { outboxBody, outboxKey, outboxPartition, outboxPatience, outboxShards } from '../../../core/outbox.ts';
import { queryAll } from '../../../core/state.ts';
import { scheduleTimer, timerKey, type Timer } from '../../../core/timers.ts';
import { handler } from '../../../functions/clock/tick.ts';
import { sentAhead, type ClockContext, type TimerReference } from '../../../functions/clock/timer-queue.ts';
import { testContext, type TestContext } from '../../support/context.ts';
import { deadLettersOf } from '../../support/dead-letters.ts';

let flotilla: TestContext;
let sent: QueuedMessage<TimerReference>[];
let published: string[];
let busDown: boolean;
/** Ids that the bus does not take. */
let poison: ReadonlySet<string>;
beforeEach(() => {
  flotilla = testContext();
  sent = [];
  published = [];
  busDown = false;
  poison = new Set();
});
afterEach(() => flotilla.close());

const context = (): ClockContext => ({
  ...flotilla.context,
  timerQueue: { send: async (messages) => void sent.push(...messages) },
  bus: {
    publish: async (events) => {
      const refusals = events.flatMap((event): Refusal[] => {
        if (poison.has(event.id)) return [{ event, reason: 'MalformedDetail', isFinal: true }];
        return busDown ? [{ event, reason: 'the bus is down', isFinal: false }] : [];
      });
      published.push(...events.filter((one) => !refusals.some(({ event }) => event === one)).map(({ id }) => id));
      return refusals;
    },
  },
});
const tick = (): Promise<void> => handler({}, context());

const timer = (id: string, inMilliseconds: number, more: Partial<Timer> = {}): Timer => ({
  id,
  kind: 'k',
  key: 'e',
  due: flotilla.clock.now() + inMilliseconds,
  payload: {},
  ...more,
});
const schedule = (...timers: Timer[]): Promise<unknown> => flotilla.state.batch(timers.map(scheduleTimer));
const outbox = async (id: string, age: number): Promise<void> => {
  const event: OutgoingEvent = { id, detailType: 'Test', time: 0, resources: [], detail: {} };
  await flotilla.state.write({ put: outboxKey(flotilla.clock.now() - age, id), body: outboxBody([event]) });
};
const outboxLeft = async (): Promise<number> =>
  (
    await Promise.all(
      Array.from({ length: outboxShards }, (_, shard) => queryAll(flotilla.state, { pk: outboxPartition(shard) })),
    )
  ).flat().length;

test('timers up to the next tick and some are sent with the rest of their time; overdue ones at once', async () => {
  await schedule(
    timer('overdue', -5_000),
    timer('soon', 12_345),
    timer('edge', sentAhead),
    timer('beyond', sentAhead + 1),
  );
  await tick();
  const now = flotilla.clock.now();
  expect(sent.sort((one, other) => one.body.due - other.body.due)).toEqual([
    { body: { id: 'overdue', due: now - 5_000 }, delay: 0 },
    { body: { id: 'soon', due: now + 12_345 }, delay: 12_345 },
    { body: { id: 'edge', due: now + sentAhead }, delay: sentAhead },
  ]);
});

test('one that is being worked on is left alone until its worker’s claim has lapsed', async () => {
  await schedule(timer('claimed', 0, { claimedUntil: flotilla.clock.now() + 90_000 }));
  await tick();
  expect(sent).toEqual([]);
  flotilla.clock.advance(90_000);
  await tick();
  expect(sent.map(({ body }) => body.id)).toEqual(['claimed']);
});

test('thousands at one moment, over all shards', async () => {
  await schedule(...Array.from({ length: 3_000 }, (_, place) => timer(`t${place}`, 1_000)));
  await tick();
  expect(new Set(sent.map(({ body }) => body.id)).size).toBe(3_000);
});

test('a tick that is late sends a page of each shard; the next tick goes on', async () => {
  // Each shard has about 600: a page of 500, and another one.
  const count = 9_600;
  await schedule(...Array.from({ length: count }, (_, place) => timer(`t${place}`, 1_000)));
  await handler({}, { ...context(), deadline: { remaining: () => 0 } });
  const first = new Set(sent.map(({ body }) => body.id));
  expect(first.size).toBe(8_000);
  await flotilla.state.batch([...first].map((id) => ({ delete: timerKey(timer(id, 1_000)) })));
  await tick();
  expect(new Set(sent.map(({ body }) => body.id)).size).toBe(count);
});

test('outbox rows of more than two minutes are published and gone; younger ones are the stream’s', async () => {
  await outbox('old', 120_001);
  await outbox('young', 60_000);
  await tick();
  expect(published).toEqual(['old']);
  expect(await outboxLeft()).toBe(1);
  flotilla.clock.advance(120_000);
  await tick();
  expect(published).toEqual(['old', 'young']);
  expect(await outboxLeft()).toBe(0);
});

test('while the bus is down timers are sent all the same, the rows stay, and the failure shows', async () => {
  busDown = true;
  await outbox('old', 200_000);
  await schedule(timer('soon', 1_000));
  await expect(tick()).rejects.toThrow('the bus is down');
  expect(sent.map(({ body }) => body.id)).toEqual(['soon']);
  expect(await outboxLeft()).toBe(1);
});

test('an event that the bus never takes holds up none of the others, and becomes a dead letter', async () => {
  poison = new Set(['e7']);
  for (let count = 0; count < 200; count++) await outbox(`e${count}`, 200_000);
  await tick();
  expect(new Set(published).size).toBe(199);
  expect(await outboxLeft()).toBe(0);
  expect(await deadLettersOf(flotilla.state)).toMatchObject([{ kind: 'event', event: { id: 'e7' } }]);
});

test('what cannot be published for a day becomes dead letters', async () => {
  busDown = true;
  await outbox('young', outboxPatience - 1);
  await outbox('old', outboxPatience);
  await expect(tick()).rejects.toThrow('1 events were not published yet: the bus is down');
  expect(await outboxLeft()).toBe(1);
  expect(await deadLettersOf(flotilla.state)).toMatchObject([{ event: { id: 'old' }, error: 'the bus is down' }]);
});

test('a row of a newer version is left to that version; after a day it is a dead letter', async () => {
  const text = JSON.stringify({ version: 2 });
  await flotilla.state.write({ put: outboxKey(flotilla.clock.now(), 'newer'), body: outboxBody(text) });
  flotilla.clock.advance(outboxPatience - 1);
  await tick();
  expect(await outboxLeft()).toBe(1);
  expect(await deadLettersOf(flotilla.state)).toEqual([]);
  flotilla.clock.advance(1);
  await tick();
  expect(await outboxLeft()).toBe(0);
  expect(await deadLettersOf(flotilla.state)).toMatchObject([
    { kind: 'record', text: expect.stringContaining('version') as string },
  ]);
});
