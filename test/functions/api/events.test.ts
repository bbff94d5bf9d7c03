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
        body: JSON.stringify(body),
        credentials,
      }),
    );
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

test.each([
  ['no source', { source: undefined }],
  ['no detail-type', { 'detail-type': '' }],
  ['a detail that is a list', { detail: [] }],
  ['a time that is none', { time: 'yesterday' }],
  ['an id that could be a key', { id: 'a#b' }],
  ['resources that are not texts', { resources: [1] }],
  ['more than 256 KB', { detail: { text: 'x'.repeat(300_000) } }],
])('%s is refused, and nothing of the post is taken', async (_what, change) => {
  expect((await post({ Events: [alarm, { ...alarm, id: 'second', ...change }] })).status).toBe(400);
  await idle();
  expect(theirs.events).toEqual([]);
});

test('at most ten at a time', async () => {
  expect((await post({ Events: Array.from({ length: 11 }, () => alarm) })).status).toBe(400);
  expect((await post({ Events: [] })).status).toBe(400);
});
