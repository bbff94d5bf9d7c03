/** The verifier against AWS's own signer, our signer, and against whatever is changed on the way. */
import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sha256 } from '../../../core/sigv4/canonical-request.ts';
import { presignUrl, signRequest, type SignRequest } from '../../../core/sigv4/sign.ts';
import { SignatureError } from '../../../core/sigv4/signature-error.ts';
import { clockSkew, verifySignature, type VerifiableKey } from '../../../core/sigv4/verify.ts';

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const now = Date.UTC(2026, 0, 2, 3, 4, 5);

/** node:crypto as the SDK's signer wants it. */
class Sha256 {
  #hash;
  readonly #secret: string | ArrayBuffer | ArrayBufferView | undefined;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#secret = secret;
    this.#hash = this.#start();
  }
  #start() {
    const secret = this.#secret;
    if (secret === undefined) return createHash('sha256');
    return createHmac(
      'sha256',
      secret instanceof ArrayBuffer
        ? Buffer.from(secret)
        : typeof secret === 'string'
          ? secret
          : Buffer.from(secret.buffer, secret.byteOffset, secret.byteLength),
    );
  }
  reset(): void {
    this.#hash = this.#start();
  }
  update(data: Uint8Array | string): void {
    this.#hash.update(data);
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
}

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Record<string, string>;
  readonly payloadHash: string;
}

function verify(
  sent: Sent,
  options: { service?: string; region?: string; now?: number; skew?: number; key?: VerifiableKey } = {},
) {
  return verifySignature(sent, {
    region: options.region ?? 'us-east-1',
    service: options.service ?? 'ssm',
    skew: options.skew ?? clockSkew.api,
    now: options.now ?? now,
    findKey: async (id) => (id === credentials.accessKeyId ? (options.key ?? credentials) : undefined),
  });
}

function signed(change: Partial<SignRequest> = {}): Sent {
  const request = {
    method: 'POST',
    url: 'http://127.0.0.1:8555/',
    headers: { 'Content-Type': 'application/x-amz-json-1.1', 'X-Amz-Target': 'AmazonSSM.GetParameter' },
    body: '{"Name":"a"}',
    credentials,
    region: 'us-east-1',
    service: 'ssm',
    date: new Date(now),
    ...change,
  };
  const url = new URL(request.url);
  return {
    method: request.method,
    path: url.pathname,
    query: url.search.slice(1),
    headers: signRequest(request),
    payloadHash: request.payloadHash ?? sha256(request.body),
  };
}

async function faultOf(promise: Promise<unknown>): Promise<[string, string]> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof SignatureError) return [error.fault, error.message];
    throw error;
  }
  throw new Error('the signature was taken');
}

const pathSegment = fc
  .string({ unit: fc.constantFrom(..."abz09-._~ /+%:*'()!äé日"), minLength: 1, maxLength: 8 })
  .filter((text) => text !== '.' && text !== '..');
const bag = fc.dictionary(
  fc.string({ unit: fc.constantFrom(...'abAB-_~*+ é='), minLength: 1, maxLength: 5 }),
  fc.string({ unit: fc.constantFrom(..."ab09-._~ /+%:*'()!&=é日😀"), maxLength: 8 }),
  { maxKeys: 4 },
);

describe('against the SDK’s signer', () => {
  const wire = (text: string): string =>
    encodeURIComponent(text).replace(
      /[!'()*]/g,
      (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
    );

  test.each(['ssm', 's3'])('headers, for %s', async (service) => {
    const signer = new SignatureV4({
      credentials,
      region: 'us-east-1',
      service,
      sha256: Sha256,
      uriEscapePath: service !== 's3',
    });
    await fc.assert(
      fc.asyncProperty(fc.array(pathSegment, { maxLength: 4 }), bag, fc.string(), async (segments, query, body) => {
        const path = `/${segments.map(wire).join('/')}`;
        const request = await signer.sign(
          {
            method: 'PUT',
            protocol: 'http:',
            hostname: 'localhost',
            path,
            query,
            headers: { host: 'localhost', 'x-amz-meta-a': '  two   spaces ' },
            body,
          },
          { signingDate: new Date(now) },
        );
        const sent = {
          method: 'PUT',
          path,
          query: Object.entries(query)
            .map(([name, value]) => `${wire(name)}=${wire(value)}`)
            .join('&'),
          headers: request.headers,
          payloadHash: sha256(body),
        };
        expect((await verify(sent, { service })).key).toBe(credentials);
      }),
    );
  });

  test.each(['attachment; filename="é.txt"', 'k=日本', 'déjà', '😀'])(
    'a header of UTF-8, as its bytes travel: %s',
    async (value) => {
      const signer = new SignatureV4({
        credentials,
        region: 'us-east-1',
        service: 's3',
        sha256: Sha256,
        uriEscapePath: false,
      });
      const request = await signer.sign(
        {
          method: 'PUT',
          protocol: 'http:',
          hostname: 'localhost',
          path: '/bucket/key',
          headers: { host: 'localhost', 'x-amz-meta-a': value },
          body: '',
        },
        { signingDate: new Date(now) },
      );
      const sent = {
        method: 'PUT',
        path: '/bucket/key',
        query: '',
        headers: { ...request.headers, 'x-amz-meta-a': Buffer.from(value).toString('latin1') },
        payloadHash: sha256(''),
      };
      expect((await verify(sent, { service: 's3' })).key).toBe(credentials);
      const changed = { ...sent.headers, 'x-amz-meta-a': `${sent.headers['x-amz-meta-a']}\u00a0` };
      expect((await faultOf(verify({ ...sent, headers: changed }, { service: 's3' })))[0]).toBe('mismatch');
    },
  );

  test('presigned URLs', async () => {
    const signer = new SignatureV4({
      credentials: { ...credentials, sessionToken: 'a token/+=' },
      region: 'us-east-1',
      service: 's3',
      sha256: Sha256,
      uriEscapePath: false,
    });
    const request = await signer.presign(
      {
        method: 'GET',
        protocol: 'http:',
        hostname: 'localhost',
        path: '/bucket/a%20key',
        query: { 'x-id': 'GetObject' },
        headers: { host: 'localhost', 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
      },
      { signingDate: new Date(now), expiresIn: 60 },
    );
    const query = Object.entries(request.query ?? {})
      .map(([name, value]) => `${wire(name)}=${wire(String(value))}`)
      .join('&');
    const key = { ...credentials, sessionTokenDigest: sha256('a token/+=') };
    const verified = await verify(
      { method: 'GET', path: request.path, query, headers: { host: 'localhost' }, payloadHash: 'UNSIGNED-PAYLOAD' },
      { service: 's3', key },
    );
    expect(verified).toMatchObject({ kind: 'query', expiresIn: 60, sessionToken: 'a token/+=' });
  });
});

describe('our own signer', () => {
  test('headers', async () => {
    expect(await verify(signed())).toMatchObject({
      kind: 'header',
      accessKeyId: 'AKIDEXAMPLE',
      service: 'ssm',
      region: 'us-east-1',
      signedAt: now,
      signedHeaders: ['content-type', 'host', 'x-amz-content-sha256', 'x-amz-date', 'x-amz-target'],
    });
  });

  test('presigned URLs, until their time is over', async () => {
    const url = new URL(
      presignUrl({
        method: 'GET',
        url: 'http://127.0.0.1:8555/bucket/k%C3%A9y?versionId=a+b',
        credentials,
        region: 'us-east-1',
        service: 's3',
        expiresIn: 60,
        date: new Date(now),
      }),
    );
    const sent = {
      method: 'GET',
      path: url.pathname,
      query: url.search.slice(1),
      headers: { host: url.host },
      payloadHash: 'UNSIGNED-PAYLOAD',
    };
    await verify(sent, { service: 's3', now: now + 60_000 });
    expect((await faultOf(verify(sent, { service: 's3', now: now + 60_001 })))[0]).toBe('url-expired');
  });

  test('whatever is changed on the way is noticed', async () => {
    const sent = signed({ url: 'http://h/a/b?c=d&e=f' });
    await verify(sent);
    const changes: Sent[] = [
      { ...sent, method: 'PUT' },
      { ...sent, path: '/a/c' },
      { ...sent, path: '/a%2Fb' },
      { ...sent, query: 'c=d' },
      { ...sent, query: 'c=d&e=f&e=f' },
      { ...sent, query: 'c=D&e=f' },
      { ...sent, payloadHash: sha256('other') },
      ...Object.keys(sent.headers)
        .filter((name) => name !== 'authorization' && name !== 'x-amz-date')
        .map((name) => ({ ...sent, headers: { ...sent.headers, [name]: `${sent.headers[name]}x` } })),
    ];
    for (const changed of changes)
      expect(await faultOf(verify(changed)), JSON.stringify(changed)).toEqual([
        'mismatch',
        expect.stringContaining('The request signature we calculated does not match'),
      ]);
    expect(
      (await faultOf(verify({ ...sent, headers: { ...sent.headers, 'x-amz-date': '20260102T030406Z' } })))[0],
    ).toBe('mismatch');
  });

  test('the order of query parameters does not matter', async () => {
    const sent = signed({ url: 'http://h/?b=1&a=2&a=1' });
    await verify({ ...sent, query: 'a=1&a=2&b=1' });
  });
});

describe('refusals', () => {
  test('of a clock apart by more than five minutes', async () => {
    await verify(signed(), { now: now + 300_000 });
    await verify(signed(), { now: now - 300_000 });
    expect(await faultOf(verify(signed(), { now: now + 301_000 }))).toEqual([
      'expired',
      'Signature expired: 20260102T030405Z is now earlier than 20260102T030406Z (20260102T030906Z - 5 min.)',
    ]);
    expect(await faultOf(verify(signed(), { now: now - 301_000 }))).toEqual([
      'not-yet-current',
      'Signature not yet current: 20260102T030405Z is still later than 20260102T030404Z (20260102T025904Z + 5 min.)',
    ]);
    await verify(signed({ service: 's3' }), { service: 's3', skew: clockSkew.s3, now: now + 14 * 60_000 });
  });

  test('of another Region, another service, another day', async () => {
    expect(await faultOf(verify(signed({ region: 'eu-west-1' })))).toEqual([
      'scope',
      'Credential should be scoped to a valid region. ',
    ]);
    expect(await faultOf(verify(signed({ service: 'ec2' })))).toEqual([
      'scope',
      "Credential should be scoped to correct service: 'ssm'. ",
    ]);
    const sent = signed();
    const authorization = (sent.headers['authorization'] ?? '').replace('/20260102/', '/20260101/');
    expect((await faultOf(verify({ ...sent, headers: { ...sent.headers, authorization } })))[0]).toBe('scope');
  });

  test('of keys that are unknown, wrong or over', async () => {
    const invalid = 'The security token included in the request is invalid.';
    expect(await faultOf(verify(signed({ credentials: { ...credentials, accessKeyId: 'AKIDOTHER' } })))).toEqual([
      'unknown-key',
      invalid,
    ]);
    expect((await faultOf(verify(signed({ credentials: { ...credentials, secretAccessKey: 'other' } }))))[0]).toBe(
      'mismatch',
    );
    const key = { ...credentials, sessionTokenDigest: sha256('token'), expiresAt: now };
    const temporary = signed({ credentials: { ...credentials, sessionToken: 'token' } });
    expect(await faultOf(verify(temporary))).toEqual(['unknown-key', invalid]);
    expect(await faultOf(verify(signed(), { key }))).toEqual(['unknown-key', invalid]);
    expect(await faultOf(verify(signed({ credentials: { ...credentials, sessionToken: 'tokem' } }), { key }))).toEqual([
      'unknown-key',
      invalid,
    ]);
    expect(await faultOf(verify(temporary, { key }))).toEqual([
      'token-expired',
      'The security token included in the request is expired',
    ]);
    await verify(temporary, { key, now: now - 1 });
  });

  test('of a header whose parts are absent, naming each', async () => {
    const sent = signed();
    const withHeader = (authorization: string) => ({ ...sent, headers: { ...sent.headers, authorization } });
    expect(await faultOf(verify(withHeader('AWS4-HMAC-SHA256 nothing')))).toEqual([
      'incomplete',
      "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization=AWS4-HMAC-SHA256 nothing",
    ]);
    expect(
      (await faultOf(verify(withHeader('AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=0'))))[0],
    ).toBe('incomplete');
    const { 'x-amz-date': _, ...undated } = sent.headers;
    expect((await faultOf(verify({ ...sent, headers: undated })))[1]).toContain(
      "existence of either a 'X-Amz-Date' or a 'Date' header",
    );
    for (const authorization of ['Bearer x', 'AWS4-HMAC-SHA256', ''])
      expect((await faultOf(verify(withHeader(authorization))))[0]).toBe('missing');
  });

  test('of a signature that leaves out the host', async () => {
    const sent = signed();
    const authorization = (sent.headers['authorization'] ?? '').replace('host;', '');
    expect(await faultOf(verify({ ...sent, headers: { ...sent.headers, authorization } }))).toEqual([
      'mismatch',
      "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
    ]);
  });

  test('whatever stands in headers and query, it is refused and nothing else thrown', async () => {
    const parts = fc.constantFrom(
      'AWS4-HMAC-SHA256 ',
      'Credential=',
      'AKIDEXAMPLE',
      '/20260102',
      '/us-east-1',
      '/ssm',
      '/aws4_request',
      ', ',
      'SignedHeaders=',
      'host',
      ';',
      'Signature=',
      '%',
      '%zz',
      '\u0000',
      '=',
      '&',
      'X-Amz-Algorithm=',
      'AWS4-HMAC-SHA256',
      'X-Amz-Credential=',
      'X-Amz-Date=20260102T030405Z',
      '&X-Amz-Expires=',
      '60',
      '-1',
      '&X-Amz-SignedHeaders=host',
      '&X-Amz-Signature=00',
      '\ud800',
    );
    const noise = fc
      .array(fc.oneof(parts, fc.string({ maxLength: 6 })), { maxLength: 24 })
      .map((list) => list.join(''));
    await fc.assert(
      fc.asyncProperty(
        fc.option(noise, { nil: undefined }),
        noise,
        noise,
        fc.option(noise, { nil: undefined }),
        async (authorization, query, path, date) => {
          const headers = {
            host: 'h',
            ...(authorization === undefined ? {} : { authorization }),
            'x-amz-date': date ?? '20260102T030405Z',
          };
          await faultOf(verify({ method: 'POST', path, query, headers, payloadHash: '' }));
        },
      ),
      { numRuns: 2000 },
    );
  });
});
