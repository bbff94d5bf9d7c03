/** SecureString: what is kept, what is shown, and to whom. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Caller } from '../../../../core/caller.ts';
import type { Keys } from '../../../../core/keys.ts';
import { room as parameterStoreRoom } from '../../../../functions/application-tools/parameter-store/room.ts';
import {
  parameterKey,
  versionKey,
  type ParameterItem,
} from '../../../../functions/application-tools/parameter-store/store.ts';
import { testContext, type TestContext } from '../../../support/context.ts';
import { caller, refusal } from './parameter-store-fixture.ts';

const { extensions } = parameterStoreRoom;

let flotilla: TestContext;
let call: ReturnType<typeof caller>;
beforeEach(() => {
  flotilla = testContext();
  call = caller(flotilla);
});
afterEach(() => flotilla.close());

const operator = (name: string): Caller => ({
  kind: 'person',
  name,
  role: 'operator',
  accessKeyId: 'AKIAOPERATOR',
  arn: `arn:aws:iam::123456789012:user/${name}`,
});
const nodeId = 'mi-0123456789abcdef0';
const node: Caller = {
  kind: 'node',
  nodeId,
  accessKeyId: 'ASIANODE',
  arn: `arn:aws:sts::123456789012:assumed-role/nodes/${nodeId}`,
};
const secret = (Name: string, Value: string, by = call, more: object = {}) =>
  by('PutParameter', { Name, Value, Type: 'SecureString', Overwrite: true, ...more });
const read = async (Name: string, by = call) =>
  (await by('GetParameter', { Name, WithDecryption: true })).Parameter!.Value;

test('never kept in the clear, never shown without being asked for', async () => {
  await secret('/s', 'hunter2');
  await secret('/s', 'hunter3', call, { KeyId: 'alias/mine' });
  const { body } = (await flotilla.state.get<ParameterItem>(parameterKey('/s')))!;
  const earlier = await flotilla.state.get(versionKey(body, 1));
  expect(JSON.stringify([body, earlier])).not.toContain('hunter');
  const ciphertext = (await call('GetParameter', { Name: '/s' })).Parameter!.Value!;
  expect(ciphertext).toMatch(/^[A-Za-z0-9+/]+=*$/);
  expect(Buffer.from(ciphertext, 'base64').toString()).not.toContain('hunter');
  expect([await read('/s'), await read('/s:1')]).toEqual(['hunter3', 'hunter2']);
  expect((await call('GetParametersByPath', { Path: '/', WithDecryption: true })).Parameters).toMatchObject([
    { Value: 'hunter3' },
  ]);
  expect((await call('GetParameterHistory', { Name: '/s', WithDecryption: true })).Parameters).toMatchObject([
    { Value: 'hunter2', KeyId: 'alias/aws/ssm' },
    { Value: 'hunter3', KeyId: 'alias/mine' },
  ]);
  await secret('/s', 'hunter4');
  expect(
    (await call('DescribeParameters', { ParameterFilters: [{ Key: 'KeyId', Values: ['alias/mine'] }] })).Parameters,
  ).toMatchObject([{ Name: '/s', KeyId: 'alias/mine', Version: 3 }]);
});

test.each([
  'alias/aws/ssm',
  'alias/my/key-1',
  '1234abcd-12ab-34cd-56ef-1234567890ab',
  'mrk-1234abcd12ab34cd56ef1234567890ab',
  'arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab',
  'arn:aws:kms:us-east-1:123456789012:alias/mine',
])('the key %s', async (KeyId) => {
  await secret('/s', 'v', call, { KeyId });
  expect((await call('DescribeParameters', {})).Parameters![0]!.KeyId).toBe(KeyId);
});

test.each(['mine', 'arn:aws:kms:eu-west-1:123456789012:alias/mine', 'arn:aws:s3:::key', 'alias/'])(
  'no key: %s',
  async (KeyId) => {
    await expect(secret('/s', 'v', call, { KeyId })).rejects.toThrow(refusal('InvalidKeyId', `Invalid keyId ${KeyId}`));
  },
);

test('operators decrypt what they wrote', async () => {
  const [ann, bob] = [caller(flotilla, operator('ann')), caller(flotilla, operator('bob'))];
  await secret('/s', 'of ann', ann);
  expect(await read('/s', ann)).toBe('of ann');
  const refused = refusal(
    'AccessDeniedException',
    'User: arn:aws:iam::123456789012:user/bob is not authorized to perform: ssm:GetParameter on resource: arn:aws:ssm:us-east-1:123456789012:parameter/s',
  );
  await expect(read('/s', bob)).rejects.toThrow(refused);
  await secret('/s', 'of bob', bob);
  expect(await read('/s', bob)).toBe('of bob');
  await expect(read('/s:1', bob)).rejects.toThrow(refused);
  expect(await read('/s:1')).toBe('of ann');
});

test('nodes decrypt under the paths that are granted to them, and no others', async () => {
  const asNode = caller(flotilla, node);
  for (const name of ['/app/a', '/app/b/c', '/apple', '/all/x']) await secret(name, name);
  const readable = async () => {
    const values: string[] = [];
    for (const name of ['/app/a', '/app/b/c', '/apple', '/all/x'])
      values.push(
        ...(await read(name, asNode).then(
          (value) => [value!],
          () => [],
        )),
      );
    return values;
  };
  expect(await readable()).toEqual([]);
  const grant = async (method: 'PUT' | 'DELETE', which: string, Paths?: string[]) =>
    extensions[`${method} /x/parameter-grants/{node}`]!.run(
      { path: { node: which }, query: new URLSearchParams(), body: { Paths } },
      flotilla.as(),
    );
  await grant('PUT', nodeId, ['/app/']);
  expect(await readable()).toEqual(['/app/a', '/app/b/c']);
  await grant('PUT', 'all', ['/all']);
  await grant('PUT', 'mi-0123456789abcdef1', ['/']);
  expect(await readable()).toEqual(['/app/a', '/app/b/c', '/all/x']);
  expect(
    await extensions['GET /x/parameter-grants']!.run(
      { path: {}, query: new URLSearchParams(), body: undefined },
      flotilla.as(),
    ),
  ).toEqual({
    Grants: [
      { NodeId: 'all', Paths: ['/all'] },
      { NodeId: nodeId, Paths: ['/app'] },
      { NodeId: 'mi-0123456789abcdef1', Paths: [''] },
    ],
  });
  await grant('DELETE', nodeId);
  expect(await readable()).toEqual(['/all/x']);
  await expect(grant('PUT', 'somebody', ['/a'])).rejects.toThrow(refusal('ValidationException'));
  await expect(grant('PUT', nodeId, [])).rejects.toThrow(refusal('ValidationException'));
});

test('a key that cannot be reached: nothing is written, and what needs no key is answered', async () => {
  let reachable = true;
  const guard = <T>(work: () => Promise<T>): Promise<T> =>
    reachable ? work() : Promise.reject(new Error('the key cannot be reached'));
  const { keys } = flotilla.context;
  const guarded: Keys = {
    encrypt: (...given) => guard(() => keys.encrypt(...given)),
    decrypt: (...given) => guard(() => keys.decrypt(...given)),
    mac: (data) => keys.mac(data),
  };
  const by = caller({ ...flotilla, as: (who?: Caller) => ({ ...flotilla.as(who), keys: guarded }) });
  await secret('/s', 'one', by);
  await by('PutParameter', { Name: '/plain', Value: 'v', Type: 'String' });
  reachable = false;
  await expect(secret('/s', 'two', by)).rejects.toThrow('the key cannot be reached');
  await expect(read('/s', by)).rejects.toThrow('the key cannot be reached');
  expect((await by('GetParameter', { Name: '/s' })).Parameter).toMatchObject({ Version: 1 });
  expect((await by('GetParameters', { Names: ['/plain'], WithDecryption: true })).Parameters).toMatchObject([
    { Value: 'v' },
  ]);
  reachable = true;
  expect(await secret('/s', 'two', by)).toMatchObject({ Version: 2 });
});
