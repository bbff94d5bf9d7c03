/** Who is let in, what they may do, and what becomes of requests that are changed on the way, or are none. */
import { createHmac } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signRequest, type Credentials } from '../../../core/sigv4/sign.ts';
import { openFilesDoor, type RunningFilesDoor } from '../../support/files-door.ts';

let s3: RunningFilesDoor;
let service: string;
const node = 'mi-0123456789abcdef0';
beforeAll(async () => {
  s3 = await openFilesDoor();
  service = s3.context.serviceBucket;
  for (const bucket of ['open', service]) {
    await s3.files.createBucket(bucket);
    for (const key of ['key', `out/cmd/${node}/stdout`]) await s3.files.put(bucket, key, Buffer.from('hello'));
  }
});
afterAll(() => s3.close());

const outcome = async (sent: Parameters<RunningFilesDoor['send']>[0]): Promise<string> => {
  const { status, code } = await s3.send(sent);
  return code ?? String(status);
};

describe('signatures', () => {
  test('none', async () => {
    expect(await outcome({ path: '/open/key', headers: { host: 'x' }, credentials: null })).toBe('421');
    const unsigned = await new Promise<string>((resolve) => {
      httpRequest(
        { port: s3.port, host: '127.0.0.1', path: '/key', headers: { host: `open.localhost:${s3.port}` } },
        (response) => resolve(`${response.statusCode}`),
      ).end();
    });
    expect(unsigned).toBe('403');
  });

  test('wrong ones', async () => {
    const path = '/open/key';
    expect(await outcome({ path, credentials: { ...s3.credentials, secretAccessKey: 'wrong' } })).toBe(
      'SignatureDoesNotMatch',
    );
    expect(await outcome({ path, credentials: { accessKeyId: 'AKIAAAAAAAAAAAAAAAAA', secretAccessKey: 'x' } })).toBe(
      'InvalidAccessKeyId',
    );
    expect(await outcome({ path, credentials: { ...(await s3.keyForNode(node)), sessionToken: 'other' } })).toBe(
      'InvalidAccessKeyId',
    );
    expect(await outcome({ path, date: new Date(Date.now() - 16 * 60_000) })).toBe('RequestTimeTooSkewed');
    expect(await outcome({ path, date: new Date(Date.now() + 16 * 60_000) })).toBe('RequestTimeTooSkewed');
    expect(await outcome({ path, date: new Date(Date.now() - 14 * 60_000) })).toBe('200');
    const elsewhere = await s3.send({ path, region: 'eu-west-1' });
    expect([elsewhere.code, elsewhere.text]).toEqual([
      'AuthorizationHeaderMalformed',
      expect.stringContaining('<Region>us-east-1</Region>'),
    ]);
  });

  test('a body that is not the signed one is not stored', async () => {
    const headers = signRequest({
      method: 'PUT',
      url: `${s3.endpoint}/open/changed`,
      body: 'right',
      credentials: s3.credentials,
      region: 'us-east-1',
      service: 's3',
    });
    const answer = await fetch(`${s3.endpoint}/open/changed`, {
      method: 'PUT',
      headers: Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'host')),
      body: 'wrong',
    });
    expect([answer.status, await answer.text()]).toEqual([
      400,
      expect.stringContaining('<Code>XAmzContentSHA256Mismatch</Code>'),
    ]);
    expect(await s3.files.head('open', 'changed')).toBeUndefined();
  });

  test('what must be signed must be signed', async () => {
    const unsigned = { 'x-amz-copy-source': `/${service}/key` };
    expect(await outcome({ method: 'PUT', path: '/open/copy', unsigned })).toBe('AccessDenied');
    const url = s3.presign('PUT', '/open/copy');
    const answer = await fetch(url, { method: 'PUT', headers: unsigned });
    expect([answer.status, await answer.text()]).toEqual([
      403,
      expect.stringContaining('<HeadersNotSigned>x-amz-copy-source</HeadersNotSigned>'),
    ]);
    expect(await s3.files.head('open', 'copy')).toBeUndefined();
  });
});

describe('presigned URLs', () => {
  test('GET and PUT, for whoever holds them', async () => {
    expect((await fetch(s3.presign('PUT', '/open/by%20url'), { method: 'PUT', body: 'by url' })).status).toBe(200);
    expect(await (await fetch(s3.presign('GET', '/open/by%20url'))).text()).toBe('by url');
  });

  test('what its maker put into the URL for the object is kept; what cannot be granted is refused', async () => {
    expect(
      (
        await fetch(s3.presign('PUT', '/open/url-headers?x-amz-meta-Who=me&x-amz-storage-class=STANDARD'), {
          method: 'PUT',
          body: 'x',
        })
      ).status,
    ).toBe(200);
    expect((await s3.files.head('open', 'url-headers'))?.metadata).toEqual({ who: 'me' });
    expect(
      (
        await fetch(s3.presign('PUT', '/open/url-headers?x-amz-server-side-encryption=AES256'), {
          method: 'PUT',
          body: 'x',
        })
      ).status,
    ).toBe(501);
    expect(
      (await fetch(s3.presign('PUT', '/open/url-headers?x-amz-acl=public-read'), { method: 'PUT', body: 'x' })).status,
    ).toBe(400);
    // Of the request, and so of no URL.
    expect(
      (
        await fetch(s3.presign('PUT', `/open/url-headers?x-amz-copy-source=/${service}/key`), {
          method: 'PUT',
          body: 'y',
        })
      ).status,
    ).toBe(200);
    expect((await s3.files.head('open', 'url-headers'))?.size).toBe(1);
  });

  test.each([
    ['another key', (url: string) => url.replace('/open/key', '/open/other')],
    ['another signature', (url: string) => url.replace(/Signature=\w{4}/, 'Signature=0000')],
    ['a longer life', (url: string) => url.replace('Expires=60', 'Expires=6000')],
    ['another header in the answer', (url: string) => `${url}&response-content-type=text/html`],
  ])('with %s', async (_name, change) => {
    const answer = await fetch(change(s3.presign('GET', '/open/key')));
    expect([answer.status, await answer.text()]).toEqual([
      403,
      expect.stringContaining('<Code>SignatureDoesNotMatch</Code>'),
    ]);
  });

  test('another method', async () =>
    expect((await fetch(s3.presign('GET', '/open/key'), { method: 'DELETE' })).status).toBe(403));
  test('after its time', async () => {
    const answer = await fetch(s3.presign('GET', '/open/key', { expiresIn: 5, date: new Date(Date.now() - 6000) }));
    expect([answer.status, await answer.text()]).toEqual([403, expect.stringContaining('Request has expired')]);
  });
  test('headers of the answer that are chosen must be headers', async () => {
    const good = await fetch(
      s3.presign(
        'GET',
        '/open/key?response-content-disposition=attachment%3B%20filename%3Da.txt&response-content-type=text%2Fplain',
      ),
    );
    expect([good.headers.get('content-disposition'), good.headers.get('content-type')]).toEqual([
      'attachment; filename=a.txt',
      'text/plain',
    ]);
    for (const value of ['a%0D%0Aset-cookie:b', '%F0%9F%98%80', '%00'])
      expect((await fetch(s3.presign('GET', `/open/key?response-content-type=${value}`))).status).toBe(400);
  });
});

describe('URLs presigned with Signature Version 2', () => {
  // Made here from AWS's description of it, not with the code under test.
  const presigned = (
    method: string,
    resource: string,
    expires = Math.floor(Date.now() / 1000) + 60,
    amz = '',
  ): string => {
    const signature = createHmac('sha1', s3.credentials.secretAccessKey)
      .update(`${method}\n\n\n${expires}\n${amz}${resource}`)
      .digest('base64');
    return `${s3.endpoint}${resource}${resource.includes('?') ? '&' : '?'}AWSAccessKeyId=${s3.credentials.accessKeyId}&Expires=${expires}&Signature=${encodeURIComponent(signature)}`;
  };

  test('GET, PUT, chosen headers', async () => {
    expect(
      (await fetch(presigned('PUT', '/open/v2%20key'), { method: 'PUT', body: Buffer.from('old way') })).status,
    ).toBe(200);
    const answer = await fetch(presigned('GET', '/open/v2%20key?response-content-language=de'));
    expect([await answer.text(), answer.headers.get('content-language')]).toEqual(['old way', 'de']);
  });

  test('changed ones', async () => {
    const url = presigned('GET', '/open/key');
    const status = async (changed: string, init?: RequestInit): Promise<number> => (await fetch(changed, init)).status;
    expect(await status(url)).toBe(200);
    expect(await status(url.replace('/key', '/other'))).toBe(403);
    expect(await status(`${url}&response-content-type=text/html`)).toBe(403);
    expect(await status(`${url}&versionId=null`)).toBe(403);
    expect(await status(url, { method: 'DELETE' })).toBe(403);
    expect(await status(url.replace(/Expires=\d+/, 'Expires=9999999999'))).toBe(403);
    expect(await status(presigned('GET', '/open/key', 1))).toBe(403);
    expect(
      await status(presigned('PUT', '/open/v2-copy'), {
        method: 'PUT',
        headers: { 'x-amz-copy-source': `/${service}/key` },
      }),
    ).toBe(403);
    expect(
      await status(`${presigned('PUT', '/open/v2-copy')}&x-amz-copy-source=/${service}/key`, { method: 'PUT' }),
    ).toBe(403);
  });
});

describe('roles', () => {
  async function matrix(credentials: Credentials): Promise<Record<string, string>> {
    const requests: Record<string, Parameters<RunningFilesDoor['send']>[0]> = {
      'list buckets': { path: '/' },
      list: { path: '/open?list-type=2' },
      'list service': { path: `/${service}?list-type=2` },
      'head service': { method: 'HEAD', path: `/${service}` },
      'encryption of service': { path: `/${service}?encryption` },
      get: { path: '/open/key' },
      'get service': { path: `/${service}/key` },
      'put own': { method: 'PUT', path: `/open/out/cmd/${node}/new`, body: 'x' },
      'put collected': { method: 'PUT', path: `/${service}/collected/cmd/${node}/new`, body: 'x' },
      'put own report': { method: 'PUT', path: `/${service}/reports/patch/${node}/new`, body: 'x' },
      'put of another': { method: 'PUT', path: '/open/out/cmd/mi-aaaaaaaaaaaaaaaaa/new', body: 'x' },
      'put like own': { method: 'PUT', path: `/open/out/x${node}/new`, body: 'x' },
      'copy from service': {
        method: 'PUT',
        path: `/open/out/${node}/copy`,
        headers: { 'x-amz-copy-source': `/${service}/key` },
      },
      'begin parts': { method: 'POST', path: `/open/out/${node}/parts?uploads` },
      'tag own': { method: 'PUT', path: `/open/out/cmd/${node}/stdout?tagging`, body: '<Tagging><TagSet/></Tagging>' },
      'delete own': { method: 'DELETE', path: `/open/out/cmd/${node}/new` },
      'delete several': {
        method: 'POST',
        path: '/open?delete',
        body: `<Delete><Object><Key>out/cmd/${node}/new</Key></Object></Delete>`,
      },
      'create bucket': { method: 'PUT', path: `/made-by-${credentials.accessKeyId.toLowerCase()}` },
      versioning: {
        method: 'PUT',
        path: '/open?versioning',
        body: '<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>',
      },
    };
    const answers: Record<string, string> = {};
    for (const [name, request] of Object.entries(requests)) answers[name] = await outcome({ ...request, credentials });
    return answers;
  }

  const denied = 'AccessDenied';
  const all = {
    'list buckets': '200',
    list: '200',
    'list service': '200',
    'head service': '200',
    'encryption of service': 'ServerSideEncryptionConfigurationNotFoundError',
    get: '200',
    'get service': '200',
    'put own': '200',
    'put collected': '200',
    'put own report': '200',
    'put of another': '200',
    'put like own': '200',
    'copy from service': '200',
    'begin parts': '200',
    'tag own': '200',
    'delete own': '204',
    'delete several': '200',
    'create bucket': '200',
    versioning: '200',
  };

  test('admins and operators may do all', async () => {
    expect(await matrix(s3.credentials)).toEqual(all);
    expect(await matrix(await s3.keyFor('operator'))).toEqual(all);
  });

  test('viewers read', async () => {
    const {
      'list buckets': a,
      list: b,
      'list service': c,
      'head service': d,
      'encryption of service': e,
      get: f,
      'get service': g,
      ...changes
    } = await matrix(await s3.keyFor('viewer'));
    expect([a, b, c, d, e, f, g]).toEqual(['200', '200', '200', '200', all['encryption of service'], '200', '200']);
    expect(new Set(Object.values(changes))).toEqual(new Set([denied]));
  });

  test('nodes store under their own id, and read what is not the service’s', async () => {
    const only = Object.fromEntries(
      ['list', 'head service', 'encryption of service', 'get', 'put own', 'put collected', 'begin parts'].map(
        (name) => [name, all[name as keyof typeof all]],
      ),
    );
    expect(await matrix(await s3.keyForNode(node))).toEqual({
      ...Object.fromEntries(Object.keys(all).map((name) => [name, denied])),
      ...only,
    });
  });

  test('what the door keeps for itself has no address', async () => {
    await s3.send({ method: 'POST', path: '/open/parts?uploads' });
    for (const path of ['/.multipart', '/.multipart/x', '/%2emultipart?list-type=2'])
      expect(await outcome({ path })).toBe('NoSuchBucket');
    expect((await s3.send({ path: '/' })).text).not.toContain('.multipart');
    expect(
      await outcome({ method: 'PUT', path: '/open/copy', headers: { 'x-amz-copy-source': '/.multipart/x/upload' } }),
    ).toBe('InvalidArgument');
  });
});

describe('what a header says wrongly', () => {
  test.each([
    ['x-amz-checksum-crc32', 'AAAA', 'InvalidRequest'],
    ['x-amz-checksum-sha256', 'not base64', 'InvalidRequest'],
    ['x-amz-checksum-crc32', 'AAAAAA==', 'BadDigest'],
    ['content-md5', 'x', 'InvalidDigest'],
    ['content-md5', 'AAAAAAAAAAAAAAAAAAAAAA==', 'BadDigest'],
    ['x-amz-expected-bucket-owner', '999999999999', 'AccessDenied'],
    ['if-match', '*', 'NotImplemented'],
    ['if-match', '"0123"', 'NoSuchKey'],
  ])('%s: %s is %s', async (name, value, code) => {
    expect(await outcome({ method: 'PUT', path: '/open/claimed', headers: { [name]: value }, body: 'body' })).toBe(
      code,
    );
    expect(await s3.files.head('open', 'claimed')).toBeUndefined();
  });

  test('a trailer again and again', async () => {
    const body = `4\r\nbody\r\n0\r\n${'x-amz-checksum-crc32:AAAAAA==\r\n'.repeat(1000)}\r\n`;
    const headers = {
      'x-amz-decoded-content-length': '4',
      'x-amz-trailer': 'x-amz-checksum-crc32',
      'content-encoding': 'aws-chunked',
    };
    expect(
      await outcome({
        method: 'PUT',
        path: '/open/claimed',
        headers,
        body,
        payloadHash: 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
      }),
    ).toBe('InvalidRequest');
  });

  test('a name that is no UTF-8', async () => {
    expect(await outcome({ path: '/open/%ff' })).toBe('InvalidURI');
    expect(await outcome({ method: 'PUT', path: '/open/copy', headers: { 'x-amz-copy-source': '/open/%ff' } })).toBe(
      'InvalidURI',
    );
  });

  test('what rooms keep in metadata and no header can say is encoded, or counted', async () => {
    await s3.files.put('open', 'odd', Buffer.from('x'), {
      contentType: 'text/x\r\nset-cookie: a',
      metadata: { emoji: '😀', 'no header': 'x' },
    });
    const answer = await s3.send({ path: '/open/odd' });
    expect([
      answer.status,
      answer.headers.get('x-amz-meta-emoji'),
      answer.headers.get('x-amz-missing-meta'),
      answer.headers.get('set-cookie'),
    ]).toEqual([200, '=?UTF-8?B?8J+YgA==?=', '1', null]);
  });
});

describe('garbage', () => {
  /** Raw bytes out, the status of the answer in. */
  const raw = (text: string | Uint8Array): Promise<number> =>
    new Promise((resolve, reject) => {
      const socket = connect(s3.port, '127.0.0.1', () => socket.end(text));
      let answer = '';
      socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')));
      socket.on('error', reject);
      socket.on('close', () => resolve(Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0)));
    });

  const isClientError = (status: number): boolean => (status >= 200 && status < 500) || status === 501;

  test('signed requests of any shape are answered, and never with a fault of ours', async () => {
    const word = fc.oneof(
      fc.constantFrom(
        'uploads',
        'uploadId',
        'partNumber',
        'delete',
        'tagging',
        'versioning',
        'lifecycle',
        'location',
        'versionId',
        'acl',
        'policy',
        'max-keys',
        'continuation-token',
        'list-type',
        'encoding-type',
        'prefix',
        'marker',
        'key-marker',
        'version-id-marker',
        'max-parts',
        'part-number-marker',
        'restore',
        'select',
        '__proto__',
        'constructor',
      ),
      fc.string({ maxLength: 8 }),
    );
    const value = fc.oneof(
      fc.constantFrom('', '2', '-1', '1e9', '99999999999', 'url', 'NaN', '%00', 'null'),
      fc.string({ maxLength: 12 }),
    );
    const header = fc.constantFrom<[string, string][]>(
      ['range', 'bytes=9999999999999999999-'],
      ['range', 'bytes=--'],
      ['if-match', '*'],
      ['if-none-match', 'x'],
      ['content-md5', 'x'],
      ['x-amz-checksum-crc32', ''],
      ['x-amz-checksum-sha256', 'x'],
      ['x-amz-copy-source', '%'],
      ['x-amz-copy-source', '/open/key?versionId=x'],
      ['x-amz-copy-source-range', 'bytes=1'],
      ['x-amz-acl', 'public-read'],
      ['x-amz-server-side-encryption', 'AES256'],
      ['x-amz-tagging', 'a&a'],
      ['x-amz-storage-class', 'GLACIER'],
      ['x-amz-checksum-algorithm', 'MD5'],
      ['x-amz-meta-a', 'b'.repeat(3000)],
      ['x-amz-trailer', 'x-amz-checksum-crc32'],
      ['x-amz-decoded-content-length', 'x'],
      ['if-modified-since', 'x'],
    );
    const body = fc.oneof(
      fc.constantFrom(
        undefined,
        '<Delete>',
        '<Delete><Object><Key></Key></Object></Delete>',
        '<CompleteMultipartUpload/>',
        '<Tagging><TagSet><Tag><Key>a</Key></Tag></TagSet></Tagging>',
        '<VersioningConfiguration/>',
        '<LifecycleConfiguration/>',
      ),
      fc.string({ maxLength: 30 }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('GET', 'HEAD', 'PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS'),
        fc.constantFrom('', 'open', 'none', 'open.', 'Bad_Name', '..', service),
        fc.constantFrom('', '/', '/key', '/%ff', '/a/../b', `/${'k'.repeat(1100)}`),
        fc.array(fc.tuple(word, value), { maxLength: 3 }),
        fc.array(header, { maxLength: 3 }),
        fc.constantFrom(
          undefined,
          'UNSIGNED-PAYLOAD',
          'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
          'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
          'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
          'STREAMING-x',
        ),
        body,
        async (method, bucket, key, query, headers, payloadHash, text) => {
          const search = query
            .map(
              ([name, one]) => `${encodeURIComponent(name.toWellFormed())}=${encodeURIComponent(one.toWellFormed())}`,
            )
            .join('&');
          const sent = method === 'GET' || method === 'HEAD' ? undefined : text;
          const { status } = await s3.send({
            method,
            path: `/${bucket}${key}${search === '' ? '' : `?${search}`}`,
            headers: Object.fromEntries(headers),
            ...(sent === undefined ? {} : { body: sent }),
            ...(payloadHash === undefined ? {} : { payloadHash }),
          });
          expect(status).toSatisfy(isClientError);
        },
      ),
      { numRuns: 1500 },
    );
    expect(await outcome({ path: '/open/key' })).toMatch(/^200$|^NoSuchKey$/);
  });

  test('unsigned bytes are answered', async () => {
    const line = (header: string): string =>
      `GET /open/key HTTP/1.1\r\nHost: open.localhost\r\nConnection: close\r\n${header}\r\n\r\n`;
    const scope = 'Credential=AKIAAAAAAAAAAAAAAAAA/20260105/us-east-1/s3/aws4_request';
    for (const header of [
      'Authorization: AWS4-HMAC-SHA256 ',
      `Authorization: AWS4-HMAC-SHA256 ${scope}`,
      `Authorization: AWS4-HMAC-SHA256 ${scope}, SignedHeaders=host, Signature=x`,
      `Authorization: ${'Credential='.repeat(1000)}/a/b/s3`,
      'Authorization: AWS AKIA:x',
      'x: y',
    ])
      expect(await raw(line(header))).toSatisfy((status: number) => status >= 400 && status < 500);
    expect(
      await raw(
        `GET /open/key?X-Amz-Credential=a/b/c/s3/aws4_request&X-Amz-Algorithm=AWS4-HMAC-SHA256 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`,
      ),
    ).toBe(400);
  });

  test('a refused upload is answered to a client that is still writing', async () => {
    const length = 60 * 1024 * 1024;
    for (const [path, status] of [
      ['/absent/large', 404],
      ['/open/large?versionId=x', 200],
      ['/Bad_Name/large', 404],
    ] as const) {
      const headers = signRequest({
        method: 'PUT',
        url: `${s3.endpoint}${path}`,
        headers: { 'content-length': String(length) },
        payloadHash: 'UNSIGNED-PAYLOAD',
        credentials: s3.credentials,
        region: 'us-east-1',
        service: 's3',
      });
      const answer = await new Promise<number>((resolve, reject) => {
        const request = httpRequest(`${s3.endpoint}${path}`, { method: 'PUT', headers }, (response) => {
          response.resume().once('end', () => resolve(response.statusCode!));
        });
        request.on('error', reject);
        const chunk = Buffer.alloc(1024 * 1024);
        const write = (left: number): void => {
          if (left === 0) return void request.end();
          if (request.write(chunk)) setImmediate(write, left - 1);
          else request.once('drain', () => write(left - 1));
        };
        write(60);
      });
      expect(answer).toBe(status);
    }
  });

  test('clients that go away in the middle leave nothing behind', async () => {
    const headers = signRequest({
      method: 'PUT',
      url: `${s3.endpoint}/open/half`,
      headers: { 'content-length': '1000000' },
      payloadHash: 'UNSIGNED-PAYLOAD',
      credentials: s3.credentials,
      region: 'us-east-1',
      service: 's3',
    });
    const request = httpRequest(`${s3.endpoint}/open/half`, { method: 'PUT', headers });
    const gone = new Promise((resolve) => request.once('error', resolve));
    request.write(Buffer.alloc(1000), () => request.destroy(new Error('gone')));
    await gone;
    expect(await outcome({ path: '/open/half' })).toBe('NoSuchKey');
    expect(await outcome({ path: '/open?list-type=2' })).toBe('200');
  });
});
