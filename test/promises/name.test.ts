/** `--name`: by what other machines reach this one, where it listens on another address. */
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import path from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { silentLog } from '../../core/log.ts';
import { signRequest } from '../../core/sigv4/sign.ts';
import { startFlotilla, type Flotilla } from '../../local/flotilla.ts';
import { temporaryFolder } from '../support/state.ts';

/** Names are the same in any case. */
const name = 'Flotilla.example';
const { folder, remove } = temporaryFolder();
let flotilla: Flotilla;
let port: number;
beforeAll(async () => {
  flotilla = await startFlotilla({
    data: path.join(folder, 'data'),
    host: '127.0.0.1',
    name,
    port: 0,
    awsQuotas: false,
    log: silentLog,
  });
  port = Number(new URL(flotilla.connection.endpoint).port);
  await flotilla.context.files.createBucket('outputs');
  await flotilla.context.files.put('outputs', 'a key', Buffer.from('hello'));
});
afterAll(async () => {
  await flotilla.stop();
  remove();
});

/** As a machine would for which the name is this one. */
function get(
  url: URL,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number | undefined; readonly text: string }> {
  return new Promise((resolve, reject) => {
    request(
      { host: '127.0.0.1', port, path: url.pathname + url.search, headers: { ...headers, host: url.host } },
      (response) => {
        let text = '';
        response
          .setEncoding('utf8')
          .on('data', (chunk: string) => (text += chunk))
          .on('end', () => resolve({ status: response.statusCode, text }));
      },
    )
      .once('error', reject)
      .end();
  });
}

test('is in the URLs that others are given, and they work', async () => {
  const url = new URL(await flotilla.context.files.presign('GET', 'outputs', 'a key', 60));
  expect(url.host).toBe(`${name.toLowerCase()}:${port}`);
  expect(await get(url)).toEqual({ status: 200, text: 'hello' });
  expect(flotilla.context.settings).toMatchObject({
    endpoint: `http://${name}:${port}`,
    nodeEndpoint: `https://${name}:${port}`,
    filesEndpoint: `http://${name}:${port}`,
  });
});

test('has buckets below it', async () => {
  const url = new URL(`http://outputs.${name}:${port}/a%20key`);
  const headers = signRequest({
    method: 'GET',
    url: url.href,
    credentials: flotilla.connection,
    region: flotilla.connection.region,
    service: 's3',
  });
  expect(await get(url, headers)).toEqual({ status: 200, text: 'hello' });
});

test.each([name, `outputs.${name}`, 'localhost'])('the certificate is for %s', async (servername) => {
  const socket = connect({ host: '127.0.0.1', port, servername, ca: readFileSync(flotilla.connection.caFile) });
  await new Promise((resolve, reject) => socket.once('secureConnect', () => resolve(undefined)).once('error', reject));
  expect(socket.authorized).toBe(true);
  socket.destroy();
});

test('is not what people on this machine are told: it may not be known here', () => {
  expect(flotilla.connection).toMatchObject({
    endpoint: `http://127.0.0.1:${port}`,
    nodeEndpoint: `https://127.0.0.1:${port}`,
  });
});
