/** Headers that hold more than ASCII: signed as their bytes travel, and given back as they came. */
import { createHash, createHmac } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { headerToText, textToHeader } from '../../../core/http.ts';
import { openFilesDoor, type RunningFilesDoor } from '../../support/files-door.ts';

let s3: RunningFilesDoor;
beforeAll(async () => {
  s3 = await openFilesDoor();
  await s3.files.createBucket('open');
});
afterAll(() => s3.close());

const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest();

/** Signs by hand, over the very bytes that are sent. */
function sendBytes(
  method: string,
  path: string,
  headers: Readonly<Record<string, Buffer>>,
): Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; text: string }> {
  const date = `${new Date().toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
  const all: Record<string, Buffer> = {
    host: Buffer.from(`127.0.0.1:${s3.port}`),
    'x-amz-content-sha256': Buffer.from(sha256('')),
    'x-amz-date': Buffer.from(date),
    ...headers,
  };
  const names = Object.keys(all).sort();
  const canonical = Buffer.concat([
    Buffer.from(`${method}\n${path}\n\n`),
    ...names.flatMap((name) => [Buffer.from(`${name}:`), all[name]!, Buffer.from('\n')]),
    Buffer.from(`\n${names.join(';')}\n${sha256('')}`),
  ]);
  const scope = `${date.slice(0, 8)}/us-east-1/s3/aws4_request`;
  const key = scope.split('/').reduce<string | Buffer>(hmac, `AWS4${s3.credentials.secretAccessKey}`);
  const signature = hmac(key, `AWS4-HMAC-SHA256\n${date}\n${scope}\n${sha256(canonical)}`).toString('hex');
  const authorization = `AWS4-HMAC-SHA256 Credential=${s3.credentials.accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return new Promise((resolve, reject) => {
    const sent: Record<string, string> = { authorization, 'content-length': '0' };
    for (const [name, value] of Object.entries(all)) sent[name] = value.toString('latin1');
    httpRequest({ method, host: '127.0.0.1', port: s3.port, path, headers: sent }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString(),
        }),
      );
    })
      .on('error', reject)
      .end();
  });
}

test('Content-Disposition, metadata and tags in UTF-8 come back byte for byte', async () => {
  const disposition = Buffer.from('attachment; filename="é.txt"');
  const metadata = Buffer.from('déjà 日本 😀 à');
  const put = await sendBytes('PUT', '/open/named', {
    'content-disposition': disposition,
    'x-amz-meta-title': metadata,
    'x-amz-tagging': Buffer.from('k=é&日=%C3%A9'),
  });
  expect([put.status, put.text]).toEqual([200, '']);
  for (const method of ['GET', 'HEAD']) {
    const { headers } = await sendBytes(method, '/open/named', {});
    expect(Buffer.from(String(headers['content-disposition']), 'latin1')).toEqual(disposition);
    expect(Buffer.from(String(headers['x-amz-meta-title']), 'latin1')).toEqual(metadata);
  }
  expect((await s3.send({ path: '/open/named?tagging' })).text).toContain(
    '<Tag><Key>k</Key><Value>é</Value></Tag><Tag><Key>日</Key><Value>é</Value></Tag>',
  );
});

test('bytes that are no UTF-8 are signed and kept too; as tags they are none', async () => {
  const latin1 = Buffer.from([0x61, 0xe9, 0x62, 0xff]);
  expect((await sendBytes('PUT', '/open/latin1', { 'x-amz-meta-a': latin1 })).status).toBe(200);
  const { headers } = await sendBytes('GET', '/open/latin1', {});
  expect(Buffer.from(String(headers['x-amz-meta-a']), 'latin1')).toEqual(latin1);
  const refused = await sendBytes('PUT', '/open/latin1', { 'x-amz-tagging': Buffer.from([0x6b, 0x3d, 0xe9]) });
  expect([refused.status, refused.text]).toEqual([400, expect.stringContaining('<Code>InvalidTag</Code>')]);
});

test('a copy keeps them, and its source may be named in UTF-8', async () => {
  const title = Buffer.from('é');
  expect((await sendBytes('PUT', '/open/%C3%A9', { 'x-amz-meta-title': title })).status).toBe(200);
  expect((await sendBytes('PUT', '/open/copied', { 'x-amz-copy-source': Buffer.from('/open/é') })).status).toBe(200);
  const { headers } = await sendBytes('GET', '/open/copied', {});
  expect(Buffer.from(String(headers['x-amz-meta-title']), 'latin1')).toEqual(title);
});

test('a presigned URL brings metadata as UTF-8', async () => {
  const url = s3.presign('PUT', '/open/by-url?x-amz-meta-title=d%C3%A9j%C3%A0');
  expect((await fetch(url, { method: 'PUT', body: 'x' })).status).toBe(200);
  const { headers } = await sendBytes('GET', '/open/by-url', {});
  expect(headerToText(String(headers['x-amz-meta-title']))).toBe('déjà');
});

test('any text survives the way into a header and back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const header = textToHeader(text);
      expect(/^[\0-\xff]*$/.test(header)).toBe(true);
      expect(headerToText(header)).toBe(text.toWellFormed());
    }),
  );
});
