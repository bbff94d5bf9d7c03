/** `POST /x/events`: what others tell reaches the routes that wait for it, once, in their name and in nobody else's. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startDispatcher } from '../../../local/dispatcher.ts';
import { triggeredAlarms } from '../../../functions/alarms/index.ts';
import { openFrontDoor, type Answer, type FrontDoor } from '../../support/front-door.ts';
import { sampleOf } from '../../support/events.ts';
import { recordingRoute, type Recording } from '../../support/recording-route.ts';

let door: FrontDoor;
let theirs: Recording;
let ours: Recording;
let idle: () => Promise<void>;
let stop: () => Promise<void>;
beforeEach(async () => {
  door = await openFrontDoor();
  theirs = recordingRoute(
    { source: 'aws.cloudwatch', detailTypes: ['CloudWatch Alarm State Change'] },
    { name: 'theirs' },
  );
  ours = recordingRoute(
    { detailTypes: ['CloudWatch Alarm State Change', 'EC2 Command Status-change Notification'] },
    { name: 'ours' },
  );
  const loop = startDispatcher({
    state: door.state,
    routes: [theirs.route, ours.route],
    load: () => Promise.reject(new Error()),
    context: door.context,
  });
  ({ idle, stop } = { idle: () => loop.idle(), stop: () => loop.stop() });
});
afterEach(async () => {
  await stop();
  await door.close();
});

const post = (body: object, role: 'admin' | 'operator' | 'viewer' = 'admin'): Promise<Answer> =>
  door
    .keyFor(role)
    .then((credentials) =>
      door.send({
        service: 'flotilla',
        path: '/x/events',
        headers: { 'content-type': 'application/json' },
        body: textOf(body),
        credentials,
      }),
    );

/** JSON text that is a part of a body. */
class RawJson {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

function textOf(body: object): string {
  const raw: string[] = [];
  const text = JSON.stringify(body, (_name, value: unknown) =>
    value instanceof RawJson ? `raw ${raw.push(value.text) - 1}` : value,
  );
  return text.replaceAll(/"raw (\d+)"/g, (_, place: string) => raw[Number(place)]!);
}

const alarm = sampleOf('cloudwatch-alarm-state-change');

test('an event arrives as it was posted, at the routes of its source only', async () => {
  const answer = await post(alarm, 'operator');
  expect(answer).toMatchObject({ status: 200, json: { Events: [{ Id: alarm.id }] } });
  await idle();
  expect(theirs.events).toEqual([alarm]);
  expect(ours.events).toEqual([]);
});

test('posted again with its id it counts once; without one it is another each time', async () => {
  for (let time = 0; time < 3; time++) expect((await post(alarm)).status).toBe(200);
  const { id: _id, ...nameless } = alarm;
  for (let time = 0; time < 2; time++) expect((await post({ Events: [nameless, nameless] })).status).toBe(200);
  await idle();
  expect(theirs.events).toHaveLength(5);
  expect(new Set(theirs.events.map(({ id }) => id)).size).toBe(5);
});

test('the last event of an alarm decides at once', async () => {
  const configuration = { Alarms: [{ Name: 'error-rate' }] };
  expect(await triggeredAlarms(configuration, door.context)).toEqual([{ Name: 'error-rate', State: 'UNKNOWN' }]);
  for (const [value, expected] of [
    ['ALARM', [{ Name: 'error-rate', State: 'ALARM' }]],
    ['OK', []],
    ['INSUFFICIENT_DATA', []],
  ] as const) {
    await post({ ...alarm, id: `now-${value}`, detail: { alarmName: 'error-rate', state: { value } } });
    expect(await triggeredAlarms(configuration, door.context)).toEqual(expected);
  }
});

test('nobody speaks in Flotilla’s name', async () => {
  for (const source of ['aws.ssm', 'aws.ssm-incidents', 'flotilla.ssm']) {
    const answer = await post({ ...alarm, source, 'detail-type': 'EC2 Command Status-change Notification' });
    expect(answer).toMatchObject({
      status: 400,
      json: { message: expect.stringContaining('Flotilla’s own') as string },
    });
  }
  expect((await post(alarm, 'viewer')).status).toBe(403);
  await idle();
  expect([...theirs.events, ...ours.events]).toEqual([]);
});

/** An object of so many levels, as JSON: to make it text recursively would overflow the stack. */
function nested(levels: number): RawJson {
  return new RawJson(`${'{"a":'.repeat(levels - 1)}{}${'}'.repeat(levels - 1)}`);
}

test('a detail of 30 levels is taken', async () => {
  expect((await post({ ...alarm, detail: nested(30) })).status).toBe(200);
  await idle();
  expect(theirs.events).toHaveLength(1);
});

test.each([
  ['no source', { source: undefined }],
  ['no detail-type', { 'detail-type': '' }],
  ['a detail that is a list', { detail: [] }],
  ['a time that is none', { time: 'yesterday' }],
  ['an id that could be a key', { id: 'a#b' }],
  ['resources that are not texts', { resources: [1] }],
  ['more than 256 KB', { detail: { text: 'x'.repeat(300_000) } }],
  ['256 KB with the id that travels in the detail', { detail: { text: 'x'.repeat(256 * 1024 - 80) } }],
  ['a detail of 31 levels', { detail: nested(31) }],
  ['the year 275760', { time: '+275760-09-12T00:00:00Z' }],
  ['a year before 1970', { time: '1969-12-31T23:59:59Z' }],
  ['a detail-type of 129 characters', { 'detail-type': 'x'.repeat(129) }],
  ['half a character as detail-type', { 'detail-type': '\ud800' }],
  ['a source that is none', { source: 'aws cloudwatch' }],
  ['an alarm that no row can be named after', { detail: { alarmName: 'x'.repeat(3000), state: { value: 'OK' } } }],
])('%s is refused, and nothing of the post is taken', async (_what, change) => {
  expect(await post({ Events: [{ ...alarm, id: 'second', ...change }, alarm] })).toMatchObject({
    status: 400,
    headers: { 'x-amzn-errortype': 'ValidationException' },
  });
  await idle();
  expect(theirs.events).toEqual([]);
});

test('at most ten at a time', async () => {
  expect((await post({ Events: Array.from({ length: 11 }, () => alarm) })).status).toBe(400);
  expect((await post({ Events: [] })).status).toBe(400);
});
