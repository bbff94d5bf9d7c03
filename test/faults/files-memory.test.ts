/** 200 MB up and down: the memory of the server does not grow with the object. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import path from 'node:path';
import { Readable } from 'node:stream';
import { CreateBucketCommand, GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { signRequest } from '../../core/sigv4/sign.ts';
import { startServer } from '../support/flotilla-process.ts';
import { temporaryFolder } from '../support/state.ts';

const mega = 1024 * 1024;
const size = 200 * mega;

/** Megabytes that a process holds now, and at most so far. */
function memoryOf(pid: number): { readonly now: number; readonly peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const of = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024;
  return { now: of('VmRSS'), peak: of('VmHWM') };
}

test.skipIf(process.platform !== 'linux')('a stream of 200 MB', async ({ onTestFinished }) => {
  const { folder, remove } = temporaryFolder();
  const server = await startServer(path.join(folder, 'data'), 0, path.join(folder, 'events'));
  onTestFinished(async () => {
    await server.kill('SIGTERM');
    remove();
  });
  const { endpoint, region } = server.connection;
  const bucket = 'large-objects';
  const client = new S3Client({ endpoint, region, credentials: server.connection });
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  const url = `${endpoint}/${bucket}/large`;
  const before = memoryOf(server.pid).now;

  const sent = createHash('sha256');
  const source = Readable.from(
    (function* () {
      for (let place = 0; place < size / mega; place++) {
        const chunk = Buffer.alloc(mega, place);
        sent.update(chunk);
        yield chunk;
      }
    })(),
  );
  const headers = signRequest({
    method: 'PUT',
    url,
    headers: { 'content-length': String(size) },
    payloadHash: 'UNSIGNED-PAYLOAD',
    credentials: server.connection,
    region,
    service: 's3',
  });
  const status = await new Promise<number | undefined>((resolve, reject) => {
    source
      .pipe(
        httpRequest(url, { method: 'PUT', headers }, (response) =>
          response.resume().once('end', () => resolve(response.statusCode)),
        ),
      )
      .on('error', reject);
  });
  expect(status).toBe(200);

  const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: 'large' }));
  const received = createHash('sha256');
  for await (const chunk of Body as Readable) received.update(chunk as Buffer);
  client.destroy();
  expect(received.digest('hex')).toBe(sent.digest('hex'));

  const grown = memoryOf(server.pid).peak - before;
  // Buffers of a few streams; an object kept in memory would be all of it, twice.
  expect(grown).toBeLessThan(size / mega / 2);
});
