/** Clients that offer another protocol and take HTTP/1.1: `curl --http2`, Java's HttpClient. A real server. */
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { signRequest } from '../../core/sigv4/sign.ts';
import { startServer, type ServerProcess } from '../support/flotilla-process.ts';

let server: ServerProcess;
const folder = mkdtempSync(path.join(os.tmpdir(), 'flotilla-upgrade-'));
beforeAll(async () => {
  server = await startServer(path.join(folder, 'data'), 0, path.join(folder, 'events'));
});
afterAll(async () => {
  await server.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

const h2c = ['Connection: Upgrade, HTTP2-Settings, close', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__'];

/** Sends bytes, and reads until the server closes the connection. */
function answerTo(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(server.connection.endpoint).port), '127.0.0.1');
    let answer = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));
    socket.on('error', reject).on('close', () => resolve(answer));
    socket.write(text);
  });
}

test('an offer of HTTP/2 is ignored, and the request is answered', async () => {
  const answer = await answerTo(`GET /health HTTP/1.1\r\nHost: h\r\n${h2c.join('\r\n')}\r\n\r\n`);
  expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\{"status":"ok"\}$/);
});

test('a signed call with a body likewise', async () => {
  const body = '{"MaxResults":1}';
  const headers = signRequest({
    method: 'POST',
    url: `${server.connection.endpoint}/`,
    headers: { 'x-amz-target': 'AmazonSSM.DescribeParameters' },
    body,
    credentials: server.connection,
    region: server.connection.region,
    service: 'ssm',
  });
  const lines = [...Object.entries(headers).map(([name, value]) => `${name}: ${value}`), ...h2c];
  const answer = await answerTo(
    `POST / HTTP/1.1\r\n${lines.join('\r\n')}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\{"Parameters":\[\]\}$/);
});

test('a websocket is for the nodes’ channels only', async () => {
  const websocket = [
    'Connection: Upgrade, close',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  ].join('\r\n');
  expect(await answerTo(`GET /health HTTP/1.1\r\nHost: h\r\n${websocket}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 200 OK/);
  expect(
    await answerTo(`GET /v1/control-channel/mi-0123456789abcdef0?role=x HTTP/1.1\r\nHost: h\r\n${websocket}\r\n\r\n`),
  ).toMatch(/^HTTP\/1\.1 403 Forbidden/);
});
