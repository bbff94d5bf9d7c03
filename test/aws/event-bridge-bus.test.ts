/** The bus before an EventBridge that refuses: over HTTP, with the real SDK client. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EventBridgeBus } from '../../aws/event-bridge-bus.ts';
import type { OutgoingEvent } from '../../core/events.ts';

interface Entry {
  readonly DetailType: string;
  readonly Detail: string;
}
interface Answer {
  readonly status: number;
  readonly body: object;
}

let server: Server;
let client: EventBridgeClient;
/** What EventBridge answers a call. */
let answer: (entries: readonly Entry[]) => Answer;
/** The detail-types of each call. */
let calls: string[][];
beforeEach(async () => {
  calls = [];
  answer = (entries) => taken(entries);
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { Entries: entries } = JSON.parse(Buffer.concat(chunks).toString()) as { Entries: Entry[] };
      calls.push(entries.map(({ DetailType }) => DetailType));
      const { status, body } = answer(entries);
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = new EventBridgeClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
});
afterEach(async () => {
  client.destroy();
  await new Promise((resolve) => server.close(resolve));
});

/** @param codeOf the error code of an entry, if it is refused */
function taken(entries: readonly Entry[], codeOf: (type: string) => string | undefined = () => undefined): Answer {
  const results = entries.map(({ DetailType: type }) => {
    const ErrorCode = codeOf(type);
    return ErrorCode === undefined ? { EventId: type } : { ErrorCode, ErrorMessage: 'no' };
  });
  return { status: 200, body: { FailedEntryCount: 0, Entries: results } };
}
const event = (detailType: string, more: Partial<OutgoingEvent> = {}): OutgoingEvent => ({
  id: detailType,
  detailType,
  time: 0,
  resources: [],
  detail: {},
  ...more,
});
const publish = async (...events: OutgoingEvent[]) =>
  (await new EventBridgeBus(client, 'bus').publish(events)).map(({ event: { id }, isFinal }) => ({ id, isFinal }));

test('an entry that is throttled is sent again, alone', async () => {
  let refusals = 2;
  answer = (entries) => taken(entries, (type) => (type === 'b' && refusals-- > 0 ? 'ThrottlingException' : undefined));
  expect(await publish(event('a'), event('b'), event('c'))).toEqual([]);
  expect(calls).toEqual([['a', 'b', 'c'], ['b'], ['b']]);
});

test('an entry that is throttled for long is left for later; one that is malformed is not sent again', async () => {
  answer = (entries) =>
    taken(entries, (type) => (({ b: 'InternalFailure', c: 'MalformedDetail' }) as Record<string, string>)[type]);
  expect(await publish(event('a'), event('b'), event('c'))).toEqual([
    { id: 'c', isFinal: true },
    { id: 'b', isFinal: false },
  ]);
  expect(calls).toEqual([['a', 'b', 'c'], ['b'], ['b']]);
});

test('where a whole call is refused for good, the one that is wrong is found', async () => {
  answer = (entries) =>
    entries.some(({ DetailType: type }) => type === 'b')
      ? { status: 400, body: { __type: 'ValidationException', message: 'no' } }
      : taken(entries);
  expect(await publish(event('a'), event('b'), event('c'))).toEqual([{ id: 'b', isFinal: true }]);
  expect(calls).toEqual([['a', 'b', 'c'], ['a'], ['b'], ['c']]);
});

test('while EventBridge is down all of a call is left for later', async () => {
  answer = () => ({ status: 500, body: { __type: 'InternalException', message: 'down' } });
  expect(await publish(event('a'), event('b'))).toEqual([
    { id: 'a', isFinal: false },
    { id: 'b', isFinal: false },
  ]);
});

test('what EventBridge cannot carry is not sent: a time that is none, too many levels, too many bytes', async () => {
  let deep: object = {};
  for (let level = 0; level < 40; level++) deep = { deep };
  const wrong = [
    event('time', { time: Date.UTC(275_760, 1) }),
    event('no time', { time: Number.NaN }),
    event('deep', { detail: deep }),
    event('large', { detail: { text: 'x'.repeat(256 * 1024) } }),
    event('x'.repeat(129)),
  ];
  expect(await publish(...wrong, event('good'))).toEqual(wrong.map(({ id }) => ({ id, isFinal: true })));
  expect(calls).toEqual([['good']]);
});
