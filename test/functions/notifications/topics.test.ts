/** Topics of our own: managed under /x/topics, their messages brought to webhooks by a queue of each one's own. */
import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { deadLetterPartition, type DeadLetter } from '../../../core/dead-letters.ts';
import { queryAll } from '../../../core/state.ts';
import { routes } from '../../../events/routes.ts';
import { replayDeadLetter } from '../../../functions/clock/dead-letters.ts';
import { topicMessage } from '../../../functions/notifications/index.ts';
import { room as notificationsRoom } from '../../../functions/notifications/room.ts';
import { startDispatcher } from '../../../local/dispatcher.ts';
import { loadHandler } from '../../../local/route-handlers.ts';
import { startTimers } from '../../../local/timer-loop.ts';
import { expectValidEvent } from '../../support/events.ts';
import { openFrontDoor, type Answer, type FrontDoor } from '../../support/front-door.ts';
import { deadLettersOf } from '../../support/dead-letters.ts';
import { openWebhook, type WebhookReceiver } from './webhook-receiver.ts';

const { timers } = notificationsRoom;

let door: FrontDoor;
let hook: WebhookReceiver;
let loops: { stop(): Promise<void> }[];
beforeEach(async () => {
  door = await openFrontDoor();
  hook = await openWebhook();
  loops = [];
});
afterEach(async () => {
  for (const loop of loops) await loop.stop();
  await hook.close();
  await door.close();
});

const topicArn = 'arn:aws:sns:us-east-1:123456789012:deployments';
const call = (method: string, path: string, body?: object, role?: 'viewer' | 'operator'): Promise<Answer> =>
  (role === undefined ? Promise.resolve(door.credentials) : door.keyFor(role)).then((credentials) =>
    door.send({
      service: 'flotilla',
      method,
      path,
      headers: { 'content-type': 'application/json' },
      body: body === undefined ? '' : JSON.stringify(body),
      credentials,
    }),
  );
const subscribe = async (url: string, format?: 'raw' | 'sns'): Promise<{ Id: string; Secret: string }> =>
  (
    await call('POST', '/x/topics/deployments/subscriptions', {
      Url: url,
      ...(format === undefined ? {} : { Format: format }),
    })
  ).json as never;

/** What `npm start` runs beside the doors. */
function run(): void {
  loops.push(
    startDispatcher({
      state: door.state,
      routes: routes.filter(({ name }) => name === 'publish-topic-message'),
      load: loadHandler,
      context: door.context,
    }),
    startTimers({ state: door.state, handlers: timers, context: door.context }),
  );
}

async function publish(message: string): Promise<string> {
  const event = topicMessage(topicArn, message, door.context);
  expectValidEvent(event);
  await door.state.write({ put: { pk: 'P', sk: 'S' }, body: {}, events: [event] });
  return event.id;
}
const bodies = (of = hook): string[] => of.received.map(({ body }) => body);
const letters = (): Promise<DeadLetter[]> => deadLettersOf(door.state);

describe('/x/topics', () => {
  test('a topic is made once, listed, and deleted with its subscriptions', async () => {
    for (let time = 0; time < 2; time++)
      expect((await call('POST', '/x/topics', { Name: 'deployments' })).json).toEqual({ TopicArn: topicArn });
    await call('POST', '/x/topics', { Name: 'alarms' });
    expect((await call('GET', '/x/topics', undefined, 'viewer')).json).toMatchObject({
      Topics: [{ Name: 'alarms' }, { TopicArn: topicArn, Name: 'deployments' }],
    });
    const { Id, Secret } = await subscribe(hook.url);
    expect(Secret.length).toBeGreaterThan(40);
    const listed = await call('GET', '/x/topics/deployments/subscriptions');
    expect(listed.json).toEqual({
      Subscriptions: [{ Id, Url: hook.url, Format: 'raw', CreatedAt: '2026-01-05T09:00:00.000Z', Failures: 0 }],
    });
    expect((await call('DELETE', '/x/topics/deployments')).status).toBe(200);
    expect((await call('GET', '/x/topics/deployments/subscriptions')).status).toBe(404);
    await call('POST', '/x/topics', { Name: 'deployments' });
    expect((await call('GET', '/x/topics/deployments/subscriptions')).json).toEqual({ Subscriptions: [] });
  });

  test('a webhook is unsubscribed once', async () => {
    await call('POST', '/x/topics', { Name: 'deployments' });
    const { Id } = await subscribe(hook.url);
    expect((await call('DELETE', `/x/topics/deployments/subscriptions/${Id}`)).status).toBe(200);
    expect((await call('DELETE', `/x/topics/deployments/subscriptions/${Id}`)).status).toBe(404);
  });

  test.each([
    ['POST', '/x/topics', { Name: 'a b' }, 400],
    ['POST', '/x/topics', {}, 400],
    ['DELETE', '/x/topics/none', undefined, 404],
    ['POST', '/x/topics/none/subscriptions', { Url: 'https://example.com' }, 404],
    ['POST', '/x/topics/deployments/subscriptions', { Url: 'ftp://example.com' }, 400],
    ['POST', '/x/topics/deployments/subscriptions', { Url: 'https://user:password@example.com/' }, 400],
    ['POST', '/x/topics/deployments/subscriptions', { Url: 'https://example.com', Format: 'xml' }, 400],
  ])('%s %s %j is refused', async (method, path, body, status) => {
    await call('POST', '/x/topics', { Name: 'deployments' });
    expect((await call(method, path, body)).status).toBe(status);
  });

  test('viewers see topics, not the webhooks, and change nothing', async () => {
    await call('POST', '/x/topics', { Name: 'deployments' }, 'operator');
    expect((await call('GET', '/x/topics/deployments/subscriptions', undefined, 'viewer')).status).toBe(403);
    expect((await call('POST', '/x/topics', { Name: 'mine' }, 'viewer')).status).toBe(403);
    expect((await call('DELETE', '/x/topics/deployments', undefined, 'viewer')).status).toBe(403);
  });

  test('neither a secret nor a URL is kept in the clear, or in the audit record', async () => {
    await call('POST', '/x/topics', { Name: 'deployments' });
    const { Secret } = await subscribe('https://hooks.example.com/services/T0000/B0000/very-secret');
    const told = JSON.stringify((await door.state.readChanges(0, 1000)).map(({ event }) => event));
    expect(told).toContain('POST /x/topics/{name}/subscriptions');
    expect(told).not.toContain('very-secret');
    const rows = JSON.stringify(await queryAll(door.state, { pk: 'TOPIC#deployments' }));
    expect(rows).not.toContain(Secret);
  });

  test('where topics are SNS’s there are none of ours', async () => {
    const onAws = await openFrontDoor({ topics: { publish: () => Promise.resolve() } });
    const answer = await onAws.send({ service: 'flotilla', method: 'POST', path: '/x/topics', body: '{"Name":"a"}' });
    expect(answer).toMatchObject({ status: 400, json: { message: expect.stringContaining('Amazon SNS') as string } });
    await onAws.close();
  });
});

describe('a message', () => {
  beforeEach(() => call('POST', '/x/topics', { Name: 'deployments' }));

  test('reaches the webhook as it is, signed, with the headers of SNS', async () => {
    const { Id, Secret } = await subscribe(hook.url);
    run();
    const id = await publish('{"status":"Success"}');
    await vi.waitFor(() => expect(hook.received).toHaveLength(1));
    const [{ headers, body }] = hook.received as [WebhookReceiver['received'][0]];
    expect(body).toBe('{"status":"Success"}');
    expect(headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'x-amz-sns-message-type': 'Notification',
      'x-amz-sns-message-id': id,
      'x-amz-sns-topic-arn': topicArn,
      'x-amz-sns-subscription-arn': `${topicArn}:${Id}`,
      'x-amz-sns-rawdelivery': 'true',
    });
    const expected = createHmac('sha256', Secret)
      .update(`${String(headers['x-flotilla-timestamp'])}.${body}`)
      .digest('hex');
    expect(headers['x-flotilla-signature']).toBe(`v1=${expected}`);
    expect(Math.abs(Number(headers['x-flotilla-timestamp']) - Date.now() / 1000)).toBeLessThan(60);
  });

  test('comes within SNS’s JSON where that is asked for', async () => {
    await subscribe(hook.url, 'sns');
    run();
    const MessageId = await publish('{"status":"Success"}');
    await vi.waitFor(() => expect(hook.received).toHaveLength(1));
    expect(JSON.parse(bodies()[0]!)).toEqual({
      Type: 'Notification',
      MessageId,
      TopicArn: topicArn,
      Message: '{"status":"Success"}',
      Timestamp: '2026-01-05T09:00:00.000Z',
    });
    expect(hook.received[0]!.headers).not.toHaveProperty('x-amz-sns-rawdelivery');
  });

  test('that a webhook refuses is sent again, under its id, after the pauses of all retries', async () => {
    await subscribe(hook.url);
    hook.answer = () => 503;
    run();
    const id = await publish('again');
    await vi.waitFor(() => expect(hook.received).toHaveLength(1));
    for (const [attempt, pause] of [1_000, 5_000, 30_000].entries()) {
      await vi.waitFor(async () =>
        expect((await call('GET', '/x/topics/deployments/subscriptions')).json).toMatchObject({
          Subscriptions: [{ Failures: attempt + 1 }],
        }),
      );
      door.clock.advance(pause - 1);
      await new Promise((resolve) => setTimeout(resolve, 30));
      expect(hook.received).toHaveLength(attempt + 1);
      if (attempt === 2) hook.answer = () => 204;
      door.clock.advance(1);
      await vi.waitFor(() => expect(hook.received).toHaveLength(attempt + 2));
    }
    expect(new Set(hook.received.map(({ headers }) => headers['x-amz-sns-message-id']))).toEqual(new Set([id]));
    await vi.waitFor(async () =>
      expect((await call('GET', '/x/topics/deployments/subscriptions')).json).toMatchObject({
        Subscriptions: [{ Failures: 0 }],
      }),
    );
  });

  test('is not held up by a webhook that hangs, nor by one that is away', async () => {
    const slow = await openWebhook();
    slow.answer = () => new Promise(() => undefined);
    await subscribe(slow.url);
    await subscribe('http://127.0.0.1:1/nobody');
    await subscribe(hook.url);
    run();
    for (let number = 0; number < 30; number++) await publish(String(number));
    await vi.waitFor(() =>
      expect([...bodies()].sort((a, b) => Number(a) - Number(b))).toEqual(
        Array.from({ length: 30 }, (_, number) => String(number)),
      ),
    );
    expect(slow.received.length).toBeLessThanOrEqual(8);
    await slow.close();
  });

  test('that has failed for an hour is a dead letter; replayed it goes to that webhook alone', async () => {
    const good = await openWebhook();
    await subscribe(good.url);
    await subscribe(hook.url);
    hook.answer = () => 500;
    run();
    await publish('one');
    await publish('two');
    for (let passed = 0; passed < 3900; passed += 300) {
      await vi.waitFor(() => expect(hook.received.length).toBeGreaterThan(0));
      await new Promise((resolve) => setTimeout(resolve, 20));
      door.clock.advance(300_000);
    }
    await vi.waitFor(async () => expect(await letters()).toHaveLength(2));
    expect((await letters()).map((letter) => (letter.kind === 'event' ? letter.route : ''))).toEqual([
      'publish-topic-message',
      'publish-topic-message',
    ]);
    expect(bodies(good).sort()).toEqual(['one', 'two']);

    hook.answer = () => 200;
    const before = hook.received.length;
    door.clock.advance(600_000);
    for (const row of await queryAll(door.state, { pk: deadLetterPartition }))
      await replayDeadLetter(row.sk, door.context);
    await vi.waitFor(() =>
      expect(
        hook.received
          .slice(before)
          .map(({ body }) => body)
          .sort(),
      ).toEqual(['one', 'two']),
    );
    expect(bodies(good).sort()).toEqual(['one', 'two']);
    await good.close();
  });

  test('waits for the next process where this one ends before it is sent', async () => {
    await subscribe(hook.url);
    hook.answer = () => 500;
    run();
    await publish('survives');
    await vi.waitFor(() => expect(hook.received).toHaveLength(1));
    for (const loop of loops.splice(0)) await loop.stop();
    hook.answer = () => 200;
    door.clock.advance(61_000);
    run();
    await vi.waitFor(() => expect(bodies()).toEqual(['survives', 'survives']));
  });

  test('has nobody to reach once the webhook is unsubscribed, or the topic gone', async () => {
    const { Id } = await subscribe(hook.url);
    hook.answer = () => 500;
    run();
    await publish('first');
    await vi.waitFor(() => expect(hook.received).toHaveLength(1));
    await call('DELETE', `/x/topics/deployments/subscriptions/${Id}`);
    door.clock.advance(120_000);
    await vi.waitFor(async () => expect(await queryAll(door.state, { pk: `WEBHOOK#deployments#${Id}` })).toEqual([]));
    await call('DELETE', '/x/topics/deployments');
    await publish('second');
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(hook.received).toHaveLength(1);
    expect(await letters()).toEqual([]);
  });

  test('follows no redirection', async () => {
    await subscribe(hook.url);
    hook.answer = () => 302;
    run();
    await publish('moved');
    await vi.waitFor(async () =>
      expect((await call('GET', '/x/topics/deployments/subscriptions')).json).toMatchObject({
        Subscriptions: [{ Failures: 1 }],
      }),
    );
  });
});
