import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { retryPauses, type DeadLetter } from '../../core/dead-letters.ts';
import type { EventHandler, OutgoingEvent } from '../../core/events.ts';
import { StateUnavailable } from '../../core/state.ts';
import { startDispatcher, type Loop, type WiredRoute } from '../../local/dispatcher.ts';
import { testContext, type TestContext } from '../support/context.ts';
import { deadLettersOf } from '../support/dead-letters.ts';
import { recordingRoute } from '../support/recording-route.ts';

let flotilla: TestContext;
let started: Loop[];
beforeEach(() => {
  flotilla = testContext();
  started = [];
});
afterEach(async () => {
  await Promise.all(started.map((loop) => loop.stop()));
  await flotilla.close();
});

function dispatch(
  routes: readonly WiredRoute[],
  load: (run: string) => Promise<EventHandler> = () => Promise.reject(new Error('no module')),
): Loop {
  const loop = startDispatcher({ state: flotilla.state, routes, load, context: flotilla.context });
  started.push(loop);
  return loop;
}

const event = (id: string, detailType = 'Test', detail: object = {}): OutgoingEvent => ({
  id,
  detailType,
  time: Date.UTC(2026, 0, 5, 9, 0, 0, 789),
  resources: ['arn:aws:ssm:us-east-1:123456789012:managed-instance/mi-1'],
  detail,
});
const write = (...events: OutgoingEvent[]): Promise<unknown> =>
  flotilla.state.write({ put: { pk: 'P', sk: 'S' }, body: {}, events });
const changesLeft = async (): Promise<number> => (await flotilla.state.readChanges(0, 1000)).length;
const letters = (): Promise<DeadLetter[]> => deadLettersOf(flotilla.state);
const ids = (events: readonly { readonly id: string }[]): string[] => events.map(({ id }) => id);

test('an event reaches the routes of its type in EventBridge’s envelope, and is forgotten', async () => {
  const one = recordingRoute({ detailTypes: ['Test', 'Other'] });
  const two = recordingRoute({ detailTypes: ['Test'] }, { name: 'two' });
  const none = recordingRoute({ detailTypes: ['Other'] }, { name: 'none' });
  const loop = dispatch([one.route, two.route, none.route]);
  await write(event('e1', 'Test', { status: 'Success' }));
  await loop.idle();
  const envelope = {
    version: '0',
    id: 'e1',
    'detail-type': 'Test',
    source: 'aws.ssm',
    account: '123456789012',
    time: '2026-01-05T09:00:00Z',
    region: 'us-east-1',
    resources: ['arn:aws:ssm:us-east-1:123456789012:managed-instance/mi-1'],
    detail: { status: 'Success' },
  };
  expect(one.events).toEqual([envelope]);
  expect(two.events).toEqual([envelope]);
  expect(none.events).toEqual([]);
  expect(await changesLeft()).toBe(0);
});

test('a pattern over the detail chooses; what nobody wants is forgotten', async () => {
  const failed = recordingRoute({ detailTypes: ['Test'], detail: { status: [{ prefix: 'Fail' }] } });
  const loop = dispatch([failed.route]);
  await write(
    event('e1', 'Test', { status: 'Failed' }),
    event('e2', 'Test', { status: 'Success' }),
    event('e3', 'Nobody’s'),
  );
  await loop.idle();
  expect(ids(failed.events)).toEqual(['e1']);
  expect(await changesLeft()).toBe(0);
});

test('what nobody wants leaves no row at all, and what was left before there were routes is cleared away', async () => {
  await write(event('e0', 'Nobody’s'));
  const { route, events } = recordingRoute({ detailTypes: ['Test'], detail: { status: ['Failed'] } });
  const loop = dispatch([route]);
  await loop.idle();
  expect(await changesLeft()).toBe(0);
  let rows = 0;
  flotilla.state.onCommit((committed) => void (rows += committed.events ? 1 : 0));
  await write(event('e1', 'Nobody’s'), event('e2', 'Test', { status: 'Success' }));
  expect(rows).toBe(0);
  await write(event('e3', 'Test', { status: 'Failed' }), event('e4', 'Test', { status: 'Success' }));
  await loop.idle();
  expect(rows).toBe(1);
  expect(ids(events)).toEqual(['e3']);
});

test('routes of schedules and queues are not for events', async () => {
  const tick = recordingRoute({ schedule: 'rate(1 minute)' });
  const queue = recordingRoute({ queue: 'timers' }, { name: 'queue' });
  const loop = dispatch([tick.route, queue.route]);
  await write(event('e1'));
  await loop.idle();
  expect([...tick.events, ...queue.events]).toEqual([]);
});

test('a handler is loaded by its path, once, and given the context', async () => {
  const loads: string[] = [];
  const given: unknown[] = [];
  const loop = dispatch(
    [{ name: 'by-path', on: { detailTypes: ['Test'] }, run: 'functions/room/do-thing.handler' }],
    async (run) => {
      loads.push(run);
      return async (message, context) => void given.push([message.id, context.account]);
    },
  );
  await write(event('e1'), event('e2'));
  await loop.idle();
  expect(loads).toEqual(['functions/room/do-thing.handler']);
  expect(given).toEqual([
    ['e1', '123456789012'],
    ['e2', '123456789012'],
  ]);
});

test('a refused event is tried again after its pause, at the route that refused it only', async () => {
  let refusals = 2;
  const good = recordingRoute({ detailTypes: ['Test'] }, { name: 'good' });
  const hard = recordingRoute(
    { detailTypes: ['Test'] },
    {
      refuse: () => {
        if (refusals-- > 0) throw new Error('not now');
      },
    },
  );
  const loop = dispatch([good.route, hard.route]);
  await write(event('e1'));
  for (const pause of retryPauses.slice(0, 2)) {
    await loop.idle();
    expect(await changesLeft()).toBe(1);
    flotilla.clock.advance(pause - 1);
    await loop.idle();
    expect(hard.events).toEqual([]);
    flotilla.clock.advance(1);
  }
  await loop.idle();
  expect(ids(hard.events)).toEqual(['e1']);
  expect(ids(good.events)).toEqual(['e1']);
  expect(await changesLeft()).toBe(0);
});

test('after the last attempt a dead letter keeps the event, and names the route', async () => {
  let attempts = 0;
  const hard = recordingRoute(
    { detailTypes: ['Test'] },
    {
      name: 'hard',
      refuse: () => {
        attempts++;
        throw new RangeError('never');
      },
    },
  );
  const loop = dispatch([hard.route]);
  await write(event('e1'));
  await loop.idle();
  for (const pause of retryPauses) {
    expect(await letters()).toEqual([]);
    flotilla.clock.advance(pause);
    await loop.idle();
  }
  expect(attempts).toBe(retryPauses.length + 1);
  expect(await letters()).toEqual([
    {
      kind: 'event',
      id: expect.any(String) as string,
      route: 'hard',
      event: event('e1'),
      failedAt: flotilla.clock.now(),
      attempts,
      error: 'RangeError: never',
    },
  ]);
  expect(await changesLeft()).toBe(0);
});

test('a handler that cannot be loaded fails like one that throws', async () => {
  const loop = dispatch([{ name: 'gone', on: { detailTypes: ['Test'] }, run: 'functions/room/gone.handler' }]);
  await write(event('e1'));
  await loop.idle();
  expect(await changesLeft()).toBe(1);
});

test('a handler that could not be loaded is loaded at the next attempt', async () => {
  const taken: string[] = [];
  const handler: EventHandler = async ({ id }) => void taken.push(id);
  let loads = 0;
  const loop = dispatch([{ name: 'late', on: { detailTypes: ['Test'] }, run: 'functions/room/late.handler' }], () =>
    ++loads === 1 ? Promise.reject(new Error('EMFILE')) : Promise.resolve(handler),
  );
  await write(event('e1'));
  await loop.idle();
  expect(taken).toEqual([]);
  flotilla.clock.advance(retryPauses[0]!);
  await loop.idle();
  await write(event('e2'));
  await loop.idle();
  expect(taken).toEqual(['e1', 'e2']);
  expect(loads).toBe(2);
});

test('what one process left undelivered, the next delivers; what waits for another attempt too', async () => {
  await write(event('e1'), event('e2'));
  const first = recordingRoute(
    { detailTypes: ['Test'] },
    {
      refuse: ({ id }) => {
        if (id === 'e2') throw new Error('not now');
      },
    },
  );
  const before = dispatch([first.route]);
  await before.idle();
  await before.stop();
  expect(ids(first.events)).toEqual(['e1']);
  expect(await changesLeft()).toBe(1);

  const second = recordingRoute({ detailTypes: ['Test'] });
  await dispatch([second.route]).idle();
  expect(ids(second.events)).toEqual(['e2']);
  expect(await changesLeft()).toBe(0);
});

test('an event whose process died between delivery and forgetting comes again with its id', async () => {
  await write(event('e1'));
  const deleteChanges = flotilla.state.deleteChanges.bind(flotilla.state);
  flotilla.state.deleteChanges = () => Promise.reject(new StateUnavailable('killed'));
  const first = recordingRoute({ detailTypes: ['Test'] });
  const dying = dispatch([first.route]);
  await dying.idle();
  await dying.stop();
  flotilla.state.deleteChanges = deleteChanges;

  const second = recordingRoute({ detailTypes: ['Test'] });
  await dispatch([second.route]).idle();
  expect(ids(first.events)).toEqual(['e1']);
  expect(ids(second.events)).toEqual(['e1']);
});

test('delivered events that could not be forgotten are forgotten later', async () => {
  const deleteChanges = flotilla.state.deleteChanges.bind(flotilla.state);
  let full = true;
  flotilla.state.deleteChanges = (seqs) =>
    full ? Promise.reject(new StateUnavailable('disk full')) : deleteChanges(seqs);
  const { route, events } = recordingRoute({ detailTypes: ['Test'] });
  const loop = dispatch([route]);
  await write(event('e1'));
  await loop.idle();
  expect(await changesLeft()).toBe(1);
  full = false;
  flotilla.clock.advance(1_000);
  await loop.idle();
  expect(await changesLeft()).toBe(0);
  expect(ids(events)).toEqual(['e1']);
});

test('an event that cannot be delivered becomes a dead letter, and holds up none behind it', async () => {
  await write(event('e0'), { ...event('e1'), time: Number.MAX_VALUE }, event('e2'));
  const { route, events } = recordingRoute({ detailTypes: ['Test'] });
  const loop = dispatch([route]);
  await loop.idle();
  expect(ids(events)).toEqual(['e0', 'e2']);
  expect(await letters()).toMatchObject([{ kind: 'event', event: { id: 'e1' }, error: expect.any(String) as string }]);
  expect(await changesLeft()).toBe(0);
});

test('a row that is no event becomes a dead letter, as it is', async () => {
  await write(event('e0'));
  const file = new DatabaseSync(path.join(flotilla.folder, 'state.db'));
  file.exec(`INSERT INTO changes (event) VALUES ('not JSON'), ('{"version":2}')`);
  file.close();
  await write(event('e1'));
  const { route, events } = recordingRoute({ detailTypes: ['Test'] });
  await dispatch([route]).idle();
  expect(ids(events)).toEqual(['e0', 'e1']);
  expect((await letters()).map((letter) => letter.kind === 'record' && letter.text).sort()).toEqual([
    '"not JSON"',
    '{"version":2}',
  ]);
  expect(await changesLeft()).toBe(0);
});

test('a thousand events at once: each arrives, never more than 64 at work', async () => {
  let atWork = 0;
  let most = 0;
  const { route, events } = recordingRoute(
    { detailTypes: ['Test'] },
    {
      refuse: async () => {
        most = Math.max(most, ++atWork);
        await new Promise((resolve) => setImmediate(resolve));
        atWork--;
      },
    },
  );
  const loop = dispatch([route]);
  await Promise.all(
    Array.from({ length: 1000 }, (_, at) =>
      flotilla.state.write({ put: { pk: 'P', sk: `${at}` }, body: {}, events: [event(`e${at}`)] }),
    ),
  );
  await loop.idle();
  expect(new Set(ids(events)).size).toBe(1000);
  expect(events).toHaveLength(1000);
  expect(most).toBeLessThanOrEqual(64);
  expect(most).toBeGreaterThan(1);
  expect(await changesLeft()).toBe(0);
});

test('one route that never answers does not keep events from another', async () => {
  const stuck = recordingRoute(
    { detailTypes: ['Stuck'] },
    { name: 'stuck', refuse: () => new Promise(() => undefined) },
  );
  const good = recordingRoute({ detailTypes: ['Test'] });
  const loop = startDispatcher({
    state: flotilla.state,
    routes: [stuck.route, good.route],
    load: () => Promise.reject(new Error()),
    context: flotilla.context,
  });
  await write(event('s1', 'Stuck'), event('e1'));
  await expect.poll(() => ids(good.events)).toEqual(['e1']);
  // It is never idle again: nothing to stop.
  void loop;
});
