/** Answers of any size: sent on by a server, and by a Lambda function as the way to the object. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { StoredFile, type ExtensionResponse } from '../../../core/http.ts';
import { nodeHttpListener } from '../../../functions/api/node-http.ts';
import { redirectToStored } from '../../../functions/api/stored-file.ts';
import { openDiskFiles } from '../../support/files-door.ts';
import { testContext, type TestContext } from '../../support/context.ts';
import type { DiskFiles } from '../../../local/disk-files.ts';

let fixture: TestContext;
let files: DiskFiles;
beforeEach(async () => {
  fixture = testContext();
  files = openDiskFiles(fixture.folder, fixture.clock);
  await files.createBucket('outputs');
});
afterEach(async () => {
  await files.close();
  await fixture.close();
});

const answer = (body: ExtensionResponse['body']): ExtensionResponse => ({
  status: 200,
  headers: { 'content-type': 'application/octet-stream', 'x-own': 'kept' },
  body,
});

async function served(response: ExtensionResponse): Promise<Response> {
  const server = createServer(nodeHttpListener(async () => response, { longestBody: 1_000, files }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const got = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    // Read before the server goes.
    const bytes = await got.arrayBuffer().catch(() => undefined);
    return bytes === undefined ? Response.error() : new Response(bytes, { status: got.status, headers: got.headers });
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

test('a server sends a file on, with its length, and a stream as it comes', async () => {
  await files.put('outputs', 'a', Readable.from(Array.from({ length: 50 }, () => Buffer.alloc(100_000, 'x'))));
  const file = await served(answer(new StoredFile('outputs', 'a')));
  expect([
    file.status,
    file.headers.get('content-length'),
    file.headers.get('x-own'),
    (await file.arrayBuffer()).byteLength,
  ]).toEqual([200, '5000000', 'kept', 5_000_000]);
  expect(await (await served(answer(Readable.from([Buffer.from('one '), Buffer.from('two')])))).text()).toBe('one two');
});

test('a stream that fails is seen to have been cut off', async () => {
  const failing = Readable.from(
    (function* () {
      yield Buffer.from('begun');
      throw new Error('the disk is gone');
    })(),
  );
  expect((await served(answer(failing))).type).toBe('error');
});

test('a file that has gone meanwhile is an error that says so', async () => {
  const gone = await served(answer(new StoredFile('outputs', 'gone')));
  expect([gone.status, gone.headers.get('x-amzn-errortype')]).toEqual([404, 'ResourceNotFoundException']);
  expect(await redirectToStored(answer(new StoredFile('outputs', 'gone')), files)).toMatchObject({ status: 404 });
});

test('a Lambda function shows the way to a file, for a minute, and answers text itself', async () => {
  await files.put('outputs', 'a', Buffer.from('x'));
  const asked: unknown[] = [];
  const presigned = Object.assign(Object.create(files) as DiskFiles, {
    presign: async (...by: unknown[]) => (asked.push(by), 'https://s3/a?signed'),
    head: files.head.bind(files),
  });
  expect(await redirectToStored(answer(new StoredFile('outputs', 'a')), presigned)).toMatchObject({
    status: 307,
    headers: { location: 'https://s3/a?signed', 'cache-control': 'no-store' },
    body: '',
  });
  expect(asked).toEqual([['GET', 'outputs', 'a', 60]]);
  expect(await redirectToStored(answer('text'), files)).toEqual(answer('text'));
  await expect(redirectToStored(answer(Readable.from([])), files)).rejects.toThrow(/Lambda/);
});
