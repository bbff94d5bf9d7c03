/** node:http to the front door: what clients really send, and what nobody should. */
import { createServer, request as httpRequest } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signRequest } from '../../../core/sigv4/sign.ts';
import { nodeHttpListener } from '../../../functions/api/node-http.ts';
import { openFrontDoor, type FrontDoor } from '../../support/front-door.ts';

let door: FrontDoor;
beforeAll(async () => {
  door = await openFrontDoor();
});
afterAll(() => door.close());

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Sends raw bytes and reads until the server has ended the connection: ask it to, by `Connection: close`. */
function raw(...parts: readonly (string | Uint8Array)[]): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const socket = connect(door.port, '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('close', () => {
      const text = Buffer.concat(chunks).toString('latin1');
      resolve({ status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0), text });
    });
    for (const part of parts) socket.write(part);
  });
}

describe('bodies', () => {
  test('chunked, without Content-Length', async () => {
    const body = '{"Filters":[]}';
    const headers = signRequest({
      method: 'POST',
      url: `${door.endpoint}/`,
      headers: { 'x-amz-target': 'AmazonSSM.DescribeInstanceInformation' },
      body,
      credentials: door.credentials,
      region: 'us-east-1',
      service: 'ssm',
    });
    const answer = await new Promise<Answer>((resolve, reject) => {
      const request = httpRequest(
        `${door.endpoint}/`,
        { method: 'POST', headers: { ...headers, 'transfer-encoding': 'chunked' } },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
          response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
        },
      );
      request.on('error', reject);
      for (const character of body) request.write(character);
      request.end();
    });
    expect([answer.status, answer.text]).toEqual([200, '{"InstanceInformationList":[]}']);
  });

  test('of many megabytes are read to their end and refused with 413', async () => {
    for (const megabytes of [3, 70]) {
      const answer = await door.send({
        headers: { 'x-amz-target': 'AmazonSSM.GetDocument' },
        body: new Uint8Array(megabytes * 1024 * 1024),
      });
      expect([answer.status, answer.json['__type']], `${megabytes} MB`).toEqual([
        413,
        'RequestEntityTooLargeException',
      ]);
    }
  });

  test('a connection goes on after a refusal', async () => {
    const one = 'POST / HTTP/1.1\r\nHost: h\r\nX-Amz-Target: AmazonSSM.X\r\nContent-Length: 2\r\n\r\n{}';
    const { text } = await raw(one, one, one.replace('Host: h', 'Host: h\r\nConnection: close'));
    expect(text.match(/UnknownOperationException",/g)).toHaveLength(3);
  });
});

test('strangers who begin bodies and do not end them are cut off before they fill the memory; others are answered', async () => {
  const mostUnfinished = 100_000;
  const server = createServer(
    nodeHttpListener(async ({ body }) => ({ status: 200, headers: {}, body: String(body.length) }), {
      longestBody: 50_000,
      mostUnfinished,
    }),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const cut = await new Promise<number>((resolve) => {
    let closed = 0;
    for (let count = 0; count < 20; count++) {
      const socket = connect(port, '127.0.0.1').on('error', () => undefined);
      socket.on('close', () => {
        if (++closed === 17) resolve(closed);
      });
      socket.write(`POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 40000\r\n\r\n${'x'.repeat(30_000)}`);
    }
  });
  expect(cut).toBe(17);
  for (let count = 0; count < 10; count++) {
    const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: 'x'.repeat(5_000) });
    expect(await answer.text()).toBe('5000');
  }
  server.closeAllConnections();
  server.close();
});

test('the absolute form of a URL, as a proxy’s client sends it', async () => {
  expect(
    (await raw('GET http://flotilla.example/health HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n')).text,
  ).toContain('{"status":"ok"}');
});

test('a repeated header is signed as one', async () => {
  const headers = signRequest({
    method: 'POST',
    url: `${door.endpoint}/`,
    headers: { 'x-amz-target': 'AmazonSSM.DescribeInstanceInformation', 'x-twice': 'a,b' },
    credentials: door.credentials,
    region: 'us-east-1',
    service: 'ssm',
  });
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    name === 'x-twice' ? ['X-Twice: a', 'X-Twice: b'] : [`${name}: ${value}`],
  );
  expect(
    await raw(`POST / HTTP/1.1\r\n${lines.join('\r\n')}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`),
  ).toMatchObject({ status: 200 });
});

test('garbage behind a request does not swallow its answer', async () => {
  const body = '{"Name":"/before/garbage","Value":"x","Type":"String"}';
  const headers = signRequest({
    method: 'POST',
    url: `${door.endpoint}/`,
    headers: { 'x-amz-target': 'AmazonSSM.PutParameter' },
    body,
    credentials: door.credentials,
    region: 'us-east-1',
    service: 'ssm',
  });
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const request = `POST / HTTP/1.1\r\n${lines.join('')}Content-Length: ${body.length}\r\n\r\n${body}`;
  const { status, text } = await raw(`${request}garbage\r\n\r\n`);
  expect([status, text]).toEqual([200, expect.stringContaining('{"Tier":"Standard","Version":1}')]);
  // The body of what follows is garbage: that is answered for itself.
  const chunked = 'POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n';
  expect((await raw(chunked)).status).toBe(400);
  expect((await raw(`GET /health HTTP/1.1\r\nHost: h\r\n\r\n${chunked}`)).text).toContain('{"status":"ok"}');
});

test('a body that is not UTF-8 is refused, and nothing of it is stored', async () => {
  const body = Buffer.concat([
    Buffer.from('{"Name":"/not/utf8","Type":"String","Value":"'),
    Buffer.from([0x61, 0xff, 0x62]),
    Buffer.from('"}'),
  ]);
  const answer = await door.send({ headers: { 'x-amz-target': 'AmazonSSM.PutParameter' }, body });
  expect([answer.status, answer.json]).toEqual([
    400,
    { __type: 'SerializationException', message: 'The request body is not valid UTF-8.' },
  ]);
  expect((await door.ssm('GetParameter', { Name: '/not/utf8' })).json['__type']).toBe('ParameterNotFound');
});

describe('whatever comes is answered, and never by a 5xx', () => {
  test('bytes that are no HTTP', async () => {
    for (const bytes of [
      '\r\n\r\nnonsense\r\n\r\n',
      'GET\r\n\r\n',
      'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n',
      `GET / HTTP/1.1\r\nHost: h\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`,
    ]) {
      const { status } = await raw(bytes);
      expect([400, 431], bytes.slice(0, 40)).toContain(status);
    }
  });

  test('requests of any method, path, headers and body', async () => {
    const token = fc.constantFrom(
      'AmazonSSM.SendCommand',
      'AmazonSSM.GetDocument',
      'AmazonSSM.__proto__',
      'SSMContacts.GetContact',
      'AmazonSSM.constructor',
      '.',
      '',
    );
    const path = fc.oneof(
      fc.constantFrom(
        '/',
        '//',
        '/x/',
        '/x/keys',
        '/x/%zz',
        '/tags/%',
        '/tags/arn%3Aa',
        '/applications/..%2f',
        '/*',
        '/__proto__',
        '/configuration',
        '/%00',
        '/?',
        '/?&=&%',
      ),
      fc.webPath().map((text) => `/${text}`),
    );
    const authorization = fc.option(
      fc
        .tuple(
          fc.constantFrom(
            'ssm',
            'appconfig',
            'ssm-incidents',
            'sts',
            'flotilla',
            'resource-groups',
            'nobody',
            '__proto__',
          ),
          fc.string({ unit: fc.constantFrom(...'az09/,;= %"'), maxLength: 20 }),
        )
        .map(
          ([service, noise]) =>
            `AWS4-HMAC-SHA256 Credential=AKIAAAAAAAAAAAAAAAAA/20260102/us-east-1/${service}/aws4_request, SignedHeaders=host${noise}, Signature=00`,
        ),
      { nil: undefined },
    );
    const body = fc.oneof(
      fc.json(),
      fc.string({ unit: 'binary' }),
      fc.constantFrom('', '{', '[[[', '{"a":', 'Action=GetCallerIdentity', 'Action=%&=&', '\u0000'),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD'),
        path,
        fc.option(token, { nil: undefined }),
        authorization,
        body,
        async (method, where, target, signature, text) => {
          const bytes = Buffer.from(text);
          const head = [
            `${method} ${where} HTTP/1.1`,
            'Host: h',
            'Connection: close',
            'X-Amz-Date: 20260102T030405Z',
            ...(target === undefined ? [] : [`X-Amz-Target: ${target}`]),
            ...(signature === undefined ? [] : [`Authorization: ${signature}`]),
            `Content-Length: ${bytes.length}`,
          ];
          const answer = await raw(`${head.join('\r\n')}\r\n\r\n`, bytes);
          expect(answer.status).toBeGreaterThanOrEqual(400);
          expect(answer.status).toBeLessThan(500);
        },
      ),
      { numRuns: 400 },
    );
  });

  test('signed requests with any input to any operation that reads', async () => {
    // Of everything registered: whatever the rooms do with it, an input is refused in words or answered.
    const { tables } = await import('../../../functions/api/tables.ts');
    const operations = Object.keys(tables.operations.ssm ?? {}).filter((name) => /^(Get|List|Describe)/.test(name));
    expect(operations.length).toBeGreaterThan(5);
    const member = fc.constantFrom(
      'Name',
      'Names',
      'Filters',
      'MaxResults',
      'NextToken',
      'InstanceId',
      'CommandId',
      'InstanceIds',
      'Key',
      'ResourceId',
      'ResourceType',
      'TypeName',
      'DocumentVersion',
      'Target',
      'BaselineId',
    );
    const value = fc.oneof(
      fc.jsonValue({ maxDepth: 3 }),
      fc.constantFrom(
        'mi-0123456789abcdef0',
        'i-12345678',
        'AWS-RunShellScript',
        '$LATEST',
        '1',
        'Document',
        'ManagedInstance',
        '11111111-2222-3333-4444-555555555555',
        1,
        50,
      ),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...operations),
        fc.dictionary(member, value, { maxKeys: 4, noNullPrototype: true }),
        async (operation, input) => {
          const answer = await door.ssm(operation, input);
          expect(answer.status, `${operation} ${JSON.stringify(input)}: ${answer.text}`).toBeLessThan(500);
        },
      ),
      { numRuns: 500 },
    );
  });
});
