/** Role credentials and changes of keys, against a service that knows one public key and verifies what it is sent. */
import { constants, createHash, createPublicKey, verify } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HttpClient } from '../../core/http-client.ts';
import { makeKeyPair, type Registration } from '../../agent/registration.ts';
import { RoleCredentials } from '../../agent/role-credentials.ts';
import { silentLog } from '../../core/log.ts';

let server: Server;
let http: HttpClient;
let registration: Registration;
/** What the service holds for the node's key. */
let publicKey: string;
let saved: Registration[];
let updateKeyPair: boolean;
let tokens: number;
let lifetime: number;
/** What the service does instead of answering a change of keys. */
let onChange: 'answer' | 'take it and break' | 'break';

beforeEach(async () => {
  const pair = await makeKeyPair();
  publicKey = pair.publicKey;
  saved = [];
  updateKeyPair = false;
  tokens = 0;
  lifetime = 3_600_000;
  onChange = 'answer';
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const answer = (status: number, value: object): void =>
        void response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(value));
      if (!isSigned(request, body)) return answer(400, { __type: 'InvalidSignatureException', message: 'no' });
      if (request.headers['x-amz-target'] === 'AmazonSSM.RequestManagedInstanceRoleToken')
        return answer(200, {
          AccessKeyId: `ASIA${++tokens}`,
          SecretAccessKey: 's',
          SessionToken: 't',
          TokenExpirationDate: (Date.now() + lifetime) / 1000,
          UpdateKeyPair: updateKeyPair,
        });
      if (onChange !== 'break') publicKey = (JSON.parse(body) as { NewPublicKey: string }).NewPublicKey;
      if (onChange !== 'answer') return void request.socket.destroy();
      answer(200, {});
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  registration = {
    nodeId: 'mi-1',
    region: 'us-east-1',
    endpoint,
    nodeEndpoint: endpoint,
    s3Endpoint: endpoint,
    privateKey: pair.privateKey,
    fingerprint: 'f',
  };
  http = new HttpClient();
});
afterEach(() => {
  http.close();
  server.close();
});

/** As AWS's documents of the wire have it, written anew here. */
function isSigned(request: IncomingMessage, body: string): boolean {
  const [, scope = '', names = '', signature = ''] =
    /^AWS4-HMAC-SHA256 Credential=mi-1\/(\S+), SignedHeaders=(\S+), Signature=(\S+)$/.exec(
      request.headers.authorization ?? '',
    ) ?? [];
  const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
  const canonical = [
    'POST',
    '/',
    '',
    ...names.split(';').map((name) => `${name}:${String(request.headers[name])}`),
    '',
    names,
    hash(body),
  ].join('\n');
  const text = ['AWS4-HMAC-SHA256', request.headers['x-amz-date'], scope, hash(canonical)].join('\n');
  const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' });
  return verify(
    'sha256',
    Buffer.from(text),
    { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 },
    Buffer.from(signature, 'base64'),
  );
}

const credentials = (): RoleCredentials =>
  new RoleCredentials(http, saved.at(-1) ?? registration, (changed) => saved.push(changed), silentLog);

test('one request serves all who ask, until half of their life is over', async () => {
  const own = credentials();
  const [one, other] = await Promise.all([own.get(), own.get()]);
  expect(one).toEqual({ accessKeyId: 'ASIA1', secretAccessKey: 's', sessionToken: 't' });
  expect(other).toBe(one);
  expect(await own.get()).toBe(one);
  own.invalidate();
  expect((await own.get()).accessKeyId).toBe('ASIA2');
});

test('a service that is away does not end credentials that are still good', async () => {
  lifetime = 100_000;
  const own = credentials();
  const one = await own.get();
  server.close();
  server.closeAllConnections();
  const now = Date.now;
  Date.now = () => now() + 60_000;
  try {
    expect(await own.get()).toBe(one);
    Date.now = () => now() + 200_000;
    await expect(own.get()).rejects.toThrow();
  } finally {
    Date.now = now;
  }
});

test('UpdateKeyPair: the new key is on the disk before the service hears of it, and counts from then on', async () => {
  updateKeyPair = true;
  const before = publicKey;
  await credentials().get();
  expect(publicKey).not.toBe(before);
  expect(
    saved.map(({ privateKey, nextPrivateKey }) => [
      privateKey === registration.privateKey,
      nextPrivateKey !== undefined,
    ]),
  ).toEqual([
    [true, true],
    [false, false],
  ]);
  updateKeyPair = false;
  expect((await credentials().get()).accessKeyId).toBe('ASIA2');
});

test.each([
  ['the service has the new key', 'take it and break', false],
  ['the service has the old key', 'break', true],
] as const)('a change of keys that breaks off: %s, and the next request finds out', async (_name, how, old) => {
  updateKeyPair = true;
  onChange = how;
  await credentials().get();
  expect(saved.at(-1)!.nextPrivateKey).toBeDefined();
  updateKeyPair = false;
  // Another life of the agent, that knows what is on the disk.
  await credentials().get();
  expect(saved.at(-1)!.nextPrivateKey).toBeUndefined();
  expect(saved.at(-1)!.privateKey === registration.privateKey).toBe(old);
});
