/** A viewer keeps nobody waiting: bodies are short, and the rounds of the event loop are shared. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApi } from '../../../functions/api/api.ts';
import { Turns } from '../../../functions/api/turns.ts';
import { signRequest, type Credentials } from '../../../core/sigv4/sign.ts';
import { openFrontDoor, type FrontDoor } from '../../support/front-door.ts';

let door: FrontDoor;
let viewer: Credentials;
/** In order, who was worked on; `round` for each round of the event loop. */
let order: string[] = [];

const tables = {
  operations: {
    ssm: {
      ListDocuments: async () => {
        order.push('viewer');
        return { DocumentIdentifiers: [] };
      },
      SendCommand: async () => ({ Command: {} }),
    },
  },
  extensions: {},
};

beforeAll(async () => {
  door = await openFrontDoor({ tables });
  viewer = await door.keyFor('viewer');
});
afterAll(async () => {
  await door.close();
});

const long = JSON.stringify({ x: 'x'.repeat(128 * 1024) });

describe('a body over 128 KB', () => {
  test('of a viewer is refused before it is read', async () => {
    const answer = await door.ssm('ListDocuments', long, viewer);
    expect([answer.status, answer.json['__type']]).toEqual([413, 'RequestEntityTooLargeException']);
    expect((await door.ssm('ListDocuments', { x: 'x'.repeat(120_000) }, viewer)).status).toBe(200);
  });

  test('without a signature is refused too, and as a form', async () => {
    const headers = {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'AmazonSSM.RegisterManagedInstance',
    };
    const registered = await openFrontDoor();
    const answer = await registered.send({ headers, body: long, credentials: null });
    expect(answer.status).toBe(413);
    const form = await registered.send({
      service: 'sts',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'Action=GetCallerIdentity&x='.padEnd(130 * 1024, 'x'),
    });
    expect(form.status).toBe(413);
    await registered.close();
  });

  test('of an operator is taken', async () => {
    const operator = await door.keyFor('operator');
    expect((await door.ssm('ListDocuments', long, operator)).status).toBe(200);
  });
});

test('of a viewer’s requests one is worked on in each round of the event loop', async () => {
  const api = createApi(tables);
  const url = `${door.endpoint}/`;
  const request = {
    method: 'POST',
    path: '/',
    query: '',
    headers: signRequest({
      method: 'POST',
      url,
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AmazonSSM.ListDocuments' },
      body: '{}',
      credentials: viewer,
      region: 'us-east-1',
      service: 'ssm',
    }),
    body: Buffer.from('{}'),
    sourceIp: '127.0.0.1',
  };
  order = [];
  let isOver = false;
  const round = (): void => {
    order.push('round');
    if (!isOver) setImmediate(round);
  };
  setImmediate(round);
  await Promise.all(Array.from({ length: 20 }, () => api(request, door.context)));
  isOver = true;
  expect(order.filter((one) => one === 'viewer')).toHaveLength(20);
  expect(order.join(' ')).not.toContain('viewer viewer viewer');
});

test('callers take turns', async () => {
  const turns = new Turns();
  const begun: string[] = [];
  await Promise.all(
    ['a', 'a', 'a', 'b'].map(async (caller) => {
      await turns.take(caller);
      begun.push(caller);
    }),
  );
  expect(begun).toEqual(['a', 'a', 'b', 'a']);
});
