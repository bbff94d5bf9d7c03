/** aws:downloadContent from a web server and an S3 of the test's own. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HttpClient } from '../../core/http-client.ts';
import type { PluginContext, PluginResult } from '../../agent/plugin.ts';
import { downloadContent, parseS3Url } from '../../agent/plugins/download-content.ts';
import { temporaryFolder } from '../support/state.ts';

let folder: string;
let remove: () => void;
let server: Server;
let http: HttpClient;
let origin: string;
const objects: Record<string, string> = {
  'scripts/a.sh': 'A',
  'scripts/sub/b.sh': 'B',
  'evil/../../escape': 'E',
  'scripts/odd & even.txt': 'O',
};

beforeEach(async () => {
  ({ folder, remove } = temporaryFolder());
  http = new HttpClient();
  server = createServer((request, response) => {
    const url = new URL(request.url ?? '', origin);
    if (url.pathname === '/redirect') return void response.writeHead(302, { location: '/file.txt' }).end();
    if (url.pathname === '/loop') return void response.writeHead(302, { location: '/loop' }).end();
    if (url.pathname === '/broken')
      return void response.writeHead(200, { 'content-length': '100' }).write('half', () => response.destroy());
    if (url.pathname === '/file.txt') return void response.end('the file');
    if (url.pathname === '/secret')
      return void (request.headers.authorization === `Basic ${Buffer.from('u:p').toString('base64')}`
        ? response.end('known')
        : response.writeHead(401).end());
    if (url.pathname === '/bucket') {
      // Two pages of a list.
      const keys = Object.keys(objects).filter((key) => key.startsWith(url.searchParams.get('prefix')!));
      const second = url.searchParams.get('continuation-token') === 'a&b';
      const page = second ? keys.slice(2) : keys.slice(0, 2);
      return void response.end(
        `<R>${page.map((key) => `<Key>${key.replace('&', '&amp;')}</Key>`).join('')}${second || keys.length < 3 ? '' : '<NextContinuationToken>a&amp;b</NextContinuationToken>'}</R>`,
      );
    }
    const object = objects[decodeURIComponent(request.url ?? '').replace('/bucket/', '')];
    response.writeHead(object === undefined ? 404 : 200).end(object);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  http.close();
  server.close();
  server.closeAllConnections();
  remove();
});

function download(sourceType: string, sourceInfo: object | string, destinationPath = ''): Promise<PluginResult> {
  const service = {
    http,
    registration: { endpoint: origin, nodeEndpoint: origin, s3Endpoint: origin },
    s3Headers: async () => ({}),
    call: async () => ({ Name: 'Doc', Content: '{"schemaVersion":"2.2"}' }),
  };
  const context = {
    service,
    downloads: folder,
    stdoutFile: path.join(folder, 'stdout'),
    signal: new AbortController().signal,
  } as unknown as PluginContext;
  return downloadContent(
    {
      sourceType,
      sourceInfo: typeof sourceInfo === 'string' ? sourceInfo : JSON.stringify(sourceInfo),
      destinationPath,
    },
    context,
  );
}
const read = (name: string): string => readFileSync(path.join(folder, name), 'utf8');

test.each([
  ['https://s3.amazonaws.com/bucket/key.sh', 'bucket', 'key.sh'],
  ['https://s3.eu-west-1.amazonaws.com/bucket/deep/key.sh', 'bucket', 'deep/key.sh'],
  ['https://s3-eu-west-1.amazonaws.com/bucket/key', 'bucket', 'key'],
  ['https://bucket.s3.amazonaws.com/deep/key', 'bucket', 'deep/key'],
  ['https://bucket.with.dots.s3.eu-west-1.amazonaws.com/key', 'bucket.with.dots', 'key'],
  ['https://bucket.s3-eu-west-1.amazonaws.com/a%20b', 'bucket', 'a b'],
  ['http://127.0.0.1:8555/bucket/folder/', 'bucket', 'folder/'],
  ['s3://bucket/key', 'bucket', 'key'],
])('%s is %s, %s', (address, bucket, key) => expect(parseS3Url(address)).toEqual({ bucket, key }));
test.each(['https://s3.amazonaws.com/', 'no address'])('%s is none', (address) =>
  expect(() => parseS3Url(address)).toThrow(),
);

describe('from S3', () => {
  test('one object, into a folder or under a name', async () => {
    expect(await download('S3', { path: `${origin}/bucket/scripts/a.sh` })).toMatchObject({ status: 'Success' });
    expect(await download('S3', { path: `${origin}/bucket/scripts/a.sh` }, 'own.sh')).toMatchObject({
      status: 'Success',
    });
    expect([read('a.sh'), read('own.sh')]).toEqual(['A', 'A']);
  });
  test.each(['scripts/', 'scripts'])('all below %s, over pages', async (prefix) => {
    expect(await download('S3', { path: `${origin}/bucket/${prefix}` }, 'in/')).toMatchObject({ status: 'Success' });
    expect([read('in/a.sh'), read('in/sub/b.sh'), read('in/odd & even.txt')]).toEqual(['A', 'B', 'O']);
  });
  test('a key that leads out of the folder leads nowhere', async () => {
    await download('S3', { path: `${origin}/bucket/evil/` }, 'in/');
    expect(existsSync(path.join(folder, '../escape'))).toBe(false);
    expect(existsSync(path.join(folder, 'escape'))).toBe(false);
  });
  test('nothing there is a failure', async () =>
    expect(await download('S3', { path: `${origin}/bucket/none` })).toMatchObject({
      status: 'Failed',
      message: expect.stringMatching(/names no object/) as string,
    }));
});

describe('from the web', () => {
  test('redirects are followed, not for ever', async () => {
    expect(await download('HTTP', { url: `${origin}/redirect`, allowInsecureDownload: true }, 'x')).toMatchObject({
      status: 'Success',
    });
    expect(read('x')).toBe('the file');
    expect(await download('HTTP', { url: `${origin}/loop`, allowInsecureDownload: 'true' })).toMatchObject({
      status: 'Failed',
    });
  });
  test('plain http only when it is allowed', async () =>
    expect(await download('HTTP', { url: `${origin}/file.txt` })).toMatchObject({
      status: 'Failed',
      message: expect.stringMatching(/allowInsecureDownload/) as string,
    }));
  test('a name and a password, in the one way that is known', async () => {
    const source = { url: `${origin}/secret`, allowInsecureDownload: true, username: 'u', password: 'p' };
    expect(await download('HTTP', { ...source, authMethod: 'Basic' }, 'y')).toMatchObject({ status: 'Success' });
    expect(await download('HTTP', source)).toMatchObject({
      status: 'Failed',
      message: expect.stringMatching(/401/) as string,
    });
    expect(await download('HTTP', { ...source, authMethod: 'Digest' })).toMatchObject({
      status: 'Failed',
      message: expect.stringMatching(/Digest/) as string,
    });
  });
  test('a download that breaks leaves what was there before, and no part', async () => {
    writeFileSync(path.join(folder, 'kept'), 'as before');
    expect(await download('HTTP', { url: `${origin}/broken`, allowInsecureDownload: true }, 'kept')).toMatchObject({
      status: 'Failed',
    });
    expect(read('kept')).toBe('as before');
    expect(readdirSync(folder)).toEqual(['kept']);
  });
});

test('a document of the service', async () => {
  expect(await download('SSMDocument', { name: 'Doc:2' })).toMatchObject({ status: 'Success' });
  expect(read('Doc.json')).toBe('{"schemaVersion":"2.2"}');
});
test.each([
  ['S3', 'no JSON'],
  ['Git', {}],
])('%s with %j fails', async (type, info) => expect(await download(type, info)).toMatchObject({ status: 'Failed' }));
