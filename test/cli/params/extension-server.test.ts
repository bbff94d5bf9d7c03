/** The endpoint in front of a service that the test holds: what goes through, what is refused, what is asked once. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Client } from '../../../cli/client.ts';
import { serveExtension, type ExtensionServer } from '../../../cli/params/extension-server.ts';
import { extensionSettings } from '../../../cli/params/extension-settings.ts';

type Answer = (input: { Name: string; WithDecryption: boolean }, response: ServerResponse) => void;

let upstream: Server;
let asked: { Name: string; WithDecryption: boolean }[];
let answer: Answer;
let log: string[];
let servers: ExtensionServer[];

const found: Answer = ({ Name }, response) =>
  response.end(
    JSON.stringify({
      Parameter: { Name, Type: 'String', Value: 'x', Version: 1, LastModifiedDate: 1, DataType: 'text', ARN: 'arn' },
    }),
  );
const refused =
  (status: number, type: string): Answer =>
  (_input, response) =>
    response
      .writeHead(status, { 'content-type': 'application/x-amz-json-1.1' })
      .end(JSON.stringify({ __type: type, message: 'secret reason' }));

beforeEach(async () => {
  [asked, log, servers, answer] = [[], [], [], found];
  upstream = createServer((request: IncomingMessage, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const input = JSON.parse(Buffer.concat(chunks).toString()) as (typeof asked)[number];
      expect(request.headers).toMatchObject({
        'x-amz-target': 'AmazonSSM.GetParameter',
        'content-type': 'application/x-amz-json-1.1',
        authorization: expect.stringContaining('/us-east-1/ssm/aws4_request') as string,
      });
      asked.push(input);
      answer(input, response);
    });
  });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  for (const server of servers) await server.close();
  upstream.closeAllConnections();
  await new Promise((resolve) => upstream.close(resolve));
});

async function serve(environment: Record<string, string> = {}): Promise<string> {
  const { settings } = extensionSettings(environment);
  const client = new Client(
    {
      endpoint: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`,
      region: 'us-east-1',
      accessKeyId: 'AKIA',
      secretAccessKey: 'x',
    },
    settings,
  );
  const server = await serveExtension({
    client,
    settings: { ...settings, port: 0 },
    token: 'the-token',
    log: (line) => log.push(line),
  });
  servers.push(server);
  return `http://127.0.0.1:${server.port}/systemsmanager/parameters/get`;
}

const get = async (
  url: string,
  token: string | null = 'the-token',
  method = 'GET',
): Promise<{ status: number; text: string }> => {
  const response = await fetch(url, {
    method,
    headers: token === null ? {} : { 'X-Aws-Parameters-Secrets-Token': token },
  });
  return { status: response.status, text: await response.text() };
};
const generic = { status: 400, text: 'an unexpected error occurred while executing request' };

test('asks once, and answers again', async () => {
  const url = await serve();
  const [first, second] = [await get(`${url}?name=%2Fa`), await get(`${url}/?name=%2Fa`)];
  expect(first.status).toBe(200);
  expect(first).toEqual(second);
  expect(asked).toEqual([{ Name: '/a', WithDecryption: false }]);
  await get(`${url}?name=%2Fa&withDecryption=true`);
  await get(`${url}?name=%2Fa&version=1`);
  expect(asked).toHaveLength(3);
});

test('asks once for a hundred who ask at once', async () => {
  const waiting: (() => void)[] = [];
  answer = (input, response) => waiting.push(() => found(input, response));
  const url = await serve();
  const all = Promise.all(Array.from({ length: 100 }, () => get(`${url}?name=a`)));
  const other = get(`${url}?name=b`);
  while (waiting.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  for (const go of waiting) go();
  expect(new Set((await all).map(({ status }) => status))).toEqual(new Set([200]));
  expect((await other).status).toBe(200);
  expect(asked.map(({ Name }) => Name).sort()).toEqual(['a', 'b']);
});

describe('a caller without the token learns nothing', () => {
  test.each([null, 'another', ''])('%j', async (token) => {
    const url = await serve();
    await get(`${url}?name=a`);
    expect(await get(`${url}?name=a`, token)).toMatchObject({ status: 401 });
    expect(asked).toHaveLength(1);
    expect(log.join()).toContain('ERROR a request without the token');
  });
});

test('an error is told as AWS’s extension tells every error, its reason is in the log, and it is not kept', async () => {
  const url = await serve();
  answer = refused(400, 'ParameterNotFound');
  expect(await get(`${url}?name=a`)).toEqual(generic);
  expect(log.join('\n')).toMatch(/ERROR a: ParameterNotFound: secret reason/);
  answer = found;
  expect((await get(`${url}?name=a`)).status).toBe(200);
  expect(await get(url)).toEqual(generic);
  expect((await get(url.replace('/systemsmanager/parameters', '/secretsmanager'))).status).toBe(404);
  expect((await get(`${url}?name=a`, 'the-token', 'POST')).status).toBe(405);
});

test('who is throttled asks again', async () => {
  const url = await serve();
  answer = (input, response) =>
    asked.length < 3 ? refused(400, 'ThrottlingException')(input, response) : found(input, response);
  expect((await get(`${url}?name=a`)).status).toBe(200);
  expect(asked).toHaveLength(3);
});

test('a service that is away, silent, or another fails the request, and the next one is asked anew', async () => {
  const url = await serve({ SSM_PARAMETER_STORE_TIMEOUT_MILLIS: '50' });
  for (const bad of [
    (_input, response) => response.destroy(),
    () => undefined,
    (_input, response) => response.end('<html>'),
    (_input, response) => response.write('{"Par') && response.destroy(),
  ] as Answer[]) {
    answer = bad;
    expect(await get(`${url}?name=a`)).toEqual(generic);
  }
  answer = found;
  // On a slow machine an answer may take longer than the time-out of this test.
  await vi.waitFor(async () => expect((await get(`${url}?name=a`)).status).toBe(200));
});

test('without a cache each request is asked, over no more connections than are set', async () => {
  const url = await serve({
    PARAMETERS_SECRETS_EXTENSION_CACHE_ENABLED: 'FALSE',
    PARAMETERS_SECRETS_EXTENSION_MAX_CONNECTIONS: '2',
  });
  const connections = new Set<unknown>();
  upstream.on('connection', (socket) => connections.add(socket));
  await Promise.all(Array.from({ length: 20 }, () => get(`${url}?name=a`)));
  expect(asked).toHaveLength(20);
  expect(connections.size).toBeLessThanOrEqual(2);
});

test('logs what it is told to log, and no value', async () => {
  const quiet = await serve({ PARAMETERS_SECRETS_EXTENSION_LOG_LEVEL: 'NONE' });
  answer = refused(400, 'ParameterNotFound');
  await get(`${quiet}?name=a`);
  expect(log).toEqual([]);
  answer = ({ Name }, response) =>
    response.end(JSON.stringify({ Parameter: { Name, Value: 'geheim', LastModifiedDate: 1 } }));
  await get(`${await serve({ PARAMETERS_SECRETS_EXTENSION_LOG_LEVEL: 'DEBUG' })}?name=a`);
  expect(log.join()).toContain('DEBUG a is asked for');
  expect(log.join()).not.toContain('geheim');
});

test('listens on loopback’s both addresses', async () => {
  const url = await serve();
  const port = new URL(url).port;
  expect((await get(url.replace('127.0.0.1', 'localhost') + '?name=a')).status).toBe(200);
  const six = await get(`http://[::1]:${port}/systemsmanager/parameters/get?name=a`).catch((error: unknown) => error);
  if (six instanceof Error) expect(String(six.cause)).toMatch(/EADDRNOTAVAIL|EAFNOSUPPORT|ENETUNREACH|ECONNREFUSED/);
  else expect(six).toMatchObject({ status: 200 });
});
