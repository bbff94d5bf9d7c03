/** Parameter Store through AWS's own client, over HTTP, with real signatures. */
import {
  AddTagsToResourceCommand,
  DeleteParameterCommand,
  DeleteParametersCommand,
  GetParameterCommand,
  GetParameterHistoryCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  LabelParameterVersionCommand,
  ListTagsForResourceCommand,
  paginateDescribeParameters,
  paginateGetParametersByPath,
  PutParameterCommand,
  type SSMClient,
  UnlabelParameterVersionCommand,
  UpdateServiceSettingCommand,
} from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { putOrder, levelKey, parameterKey } from '../../functions/application-tools/parameter-store/store.ts';
import { auditRecords } from '../support/audit-records.ts';
import { openFrontDoor, type FrontDoor } from '../support/front-door.ts';

let flotilla: FrontDoor;
let admin: SSMClient;

beforeEach(async () => {
  flotilla = await openFrontDoor();
  admin = flotilla.client();
});
afterEach(() => flotilla.close());

test('a parameter lives: put, overwritten, labelled, read every way, tagged, deleted', async () => {
  expect(
    await admin.send(
      new PutParameterCommand({
        Name: '/shop/prod/currency',
        Value: 'EUR',
        Type: 'String',
        Description: 'What prices are in.',
        Tags: [{ Key: 'team', Value: 'shop' }],
      }),
    ),
  ).toMatchObject({ Version: 1, Tier: 'Standard' });
  await expect(
    admin.send(new PutParameterCommand({ Name: '/shop/prod/currency', Value: 'USD', Type: 'String' })),
  ).rejects.toMatchObject({
    name: 'ParameterAlreadyExists',
    message: 'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
    $metadata: { httpStatusCode: 400 },
  });
  await admin.send(new PutParameterCommand({ Name: '/shop/prod/currency', Value: 'USD', Overwrite: true }));
  await admin.send(
    new LabelParameterVersionCommand({ Name: '/shop/prod/currency', ParameterVersion: 1, Labels: ['stable'] }),
  );
  const { Parameter } = await admin.send(new GetParameterCommand({ Name: '/shop/prod/currency:stable' }));
  expect(Parameter).toEqual({
    Name: '/shop/prod/currency',
    Type: 'String',
    Value: 'EUR',
    Version: 1,
    Selector: ':stable',
    LastModifiedDate: new Date(flotilla.clock.now()),
    ARN: 'arn:aws:ssm:us-east-1:123456789012:parameter/shop/prod/currency',
    DataType: 'text',
  });
  expect((await admin.send(new GetParameterCommand({ Name: Parameter!.ARN! }))).Parameter).toMatchObject({
    Value: 'USD',
    Version: 2,
  });
  expect(await admin.send(new GetParametersCommand({ Names: ['/shop/prod/currency:1', '/nobody'] }))).toMatchObject({
    Parameters: [{ Value: 'EUR' }],
    InvalidParameters: ['/nobody'],
  });
  expect((await admin.send(new GetParameterHistoryCommand({ Name: '/shop/prod/currency' }))).Parameters).toMatchObject([
    {
      Version: 1,
      Value: 'EUR',
      Labels: ['stable'],
      Description: 'What prices are in.',
      LastModifiedUser: 'arn:aws:iam::123456789012:user/admin',
      Policies: [],
    },
    { Version: 2, Value: 'USD', Labels: [], Description: 'What prices are in.', Tier: 'Standard', DataType: 'text' },
  ]);
  expect(
    await admin.send(
      new UnlabelParameterVersionCommand({ Name: '/shop/prod/currency', ParameterVersion: 1, Labels: ['stable'] }),
    ),
  ).toMatchObject({ RemovedLabels: ['stable'], InvalidLabels: [] });
  await admin.send(
    new AddTagsToResourceCommand({
      ResourceType: 'Parameter',
      ResourceId: '/shop/prod/currency',
      Tags: [{ Key: 'env', Value: 'prod' }],
    }),
  );
  expect(
    (await admin.send(new ListTagsForResourceCommand({ ResourceType: 'Parameter', ResourceId: '/shop/prod/currency' })))
      .TagList,
  ).toHaveLength(2);
  await admin.send(new DeleteParameterCommand({ Name: '/shop/prod/currency' }));
  await expect(admin.send(new GetParameterCommand({ Name: '/shop/prod/currency' }))).rejects.toMatchObject({
    name: 'ParameterNotFound',
    message: 'Parameter /shop/prod/currency not found.',
  });
  expect(await admin.send(new DeleteParametersCommand({ Names: ['/shop/prod/currency'] }))).toMatchObject({
    DeletedParameters: [],
    InvalidParameters: ['/shop/prod/currency'],
  });
});

test('what the model forbids is refused in AWS’s words', async () => {
  await expect(admin.send(new GetParametersByPathCommand({ Path: '/a', MaxResults: 50 }))).rejects.toMatchObject({
    name: 'ValidationException',
    message:
      "1 validation error detected: Value '50' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 10",
  });
  await expect(
    admin.send(new PutParameterCommand({ Name: '/a', Value: 'v', Type: 'Text' as 'String' })),
  ).rejects.toMatchObject({
    message:
      "1 validation error detected: Value 'Text' at 'type' failed to satisfy constraint: Member must satisfy enum value set: [String, StringList, SecureString]",
  });
  await expect(
    admin.send(new GetParametersCommand({ Names: Array.from({ length: 11 }, (_, at) => `/p${at}`) })),
  ).rejects.toMatchObject({
    name: 'ValidationException',
    message: expect.stringContaining(
      "at 'names' failed to satisfy constraint: Member must have length less than or equal to 10",
    ) as string,
  });
});

test('a secret is on record without its value, and the change and its record are one', async () => {
  await admin.send(new PutParameterCommand({ Name: '/db/password', Value: 'hunter2', Type: 'SecureString' }));
  await admin.send(new DeleteParameterCommand({ Name: '/db/password' }));
  const records = (await auditRecords(flotilla.state, flotilla.clock.now())).map((record) => JSON.stringify(record));
  expect(
    records.filter((record) => record.includes('"PutParameter"') || record.includes('"DeleteParameter"')),
  ).toHaveLength(2);
  expect(records.join()).not.toContain('hunter2');
});

test('who may read what: viewers everything but secrets, nodes plain parameters', async () => {
  const [viewer, operator, node] = [
    flotilla.client(await flotilla.keyFor('viewer')),
    flotilla.client(await flotilla.keyFor('operator')),
    flotilla.client(await flotilla.keyForNode('mi-0123456789abcdef0')),
  ];
  await admin.send(new PutParameterCommand({ Name: '/plain', Value: 'v', Type: 'String' }));
  await admin.send(new PutParameterCommand({ Name: '/secret', Value: 's', Type: 'SecureString' }));
  const denied = {
    name: 'AccessDeniedException',
    message: expect.stringMatching(
      /^User: arn:aws:.* is not authorized to perform: ssm:GetParameter on resource: arn:aws:ssm:us-east-1:123456789012:parameter\/secret$/,
    ) as string,
  };
  for (const client of [viewer, operator, node]) {
    expect((await client.send(new GetParameterCommand({ Name: '/plain' }))).Parameter!.Value).toBe('v');
    await expect(client.send(new GetParameterCommand({ Name: '/secret', WithDecryption: true }))).rejects.toMatchObject(
      denied,
    );
    expect((await client.send(new GetParameterCommand({ Name: '/secret' }))).Parameter!.Value).not.toBe('s');
  }
  await expect(node.send(new PutParameterCommand({ Name: '/x', Value: 'v', Type: 'String' }))).rejects.toMatchObject({
    name: 'AccessDeniedException',
  });
  await expect(viewer.send(new PutParameterCommand({ Name: '/x', Value: 'v', Type: 'String' }))).rejects.toMatchObject({
    name: 'AccessDeniedException',
  });
});

test('the account’s default tier holds for parameters that name none', async () => {
  const SettingId = '/ssm/parameter-store/default-parameter-tier';
  await admin.send(new UpdateServiceSettingCommand({ SettingId, SettingValue: 'Intelligent-Tiering' }));
  expect(await admin.send(new PutParameterCommand({ Name: '/small', Value: 'v', Type: 'String' }))).toMatchObject({
    Tier: 'Standard',
  });
  expect(
    await admin.send(new PutParameterCommand({ Name: '/small', Value: 'v'.repeat(5000), Overwrite: true })),
  ).toMatchObject({ Tier: 'Advanced' });
  await admin.send(new UpdateServiceSettingCommand({ SettingId, SettingValue: 'Advanced' }));
  expect(await admin.send(new PutParameterCommand({ Name: '/other', Value: 'v', Type: 'String' }))).toMatchObject({
    Tier: 'Advanced',
  });
  expect(
    await admin.send(new PutParameterCommand({ Name: '/third', Value: 'v', Type: 'String', Tier: 'Standard' })),
  ).toMatchObject({ Tier: 'Standard' });
});

test('100,000 parameters under one path: each page costs what it shows', async () => {
  const count = 100_000;
  const item = {
    type: 'String',
    value: 'v',
    version: 1,
    modifiedAt: flotilla.clock.now(),
    modifiedBy: 'test',
    tier: 'Standard',
    dataType: 'text',
    policies: [],
    oldestVersion: 1,
    labels: {},
    policiesVersion: 1,
  };
  for (let at = 0; at < count; at += 1000)
    await flotilla.state.batch(
      Array.from({ length: 1000 }, (_, more) => `/many/${String(at + more).padStart(6, '0')}/leaf`).flatMap((name) => [
        { put: parameterKey(name), body: { ...item, name, incarnation: name } },
        putOrder(name, 'Standard'),
        { put: levelKey(name), body: {} },
      ]),
    );
  await admin.send(new PutParameterCommand({ Name: '/many/zz', Value: 'v', Type: 'String' }));
  // One level of a path that has all the others below it.
  const queries = vi.spyOn(flotilla.state, 'query');
  expect(
    (await admin.send(new GetParametersByPathCommand({ Path: '/many' }))).Parameters!.map(({ Name }) => Name),
  ).toEqual(['/many/zz']);
  expect(
    (await admin.send(new GetParametersByPathCommand({ Path: '/many/099999' }))).Parameters!.map(({ Name }) => Name),
  ).toEqual(['/many/099999/leaf']);
  // A walk over all that lies below would be hundreds.
  expect(queries.mock.calls.length).toBeLessThan(10);
  queries.mockRestore();
  let pages = 0;
  const seen: string[] = [];
  for await (const page of paginateGetParametersByPath({ client: admin }, { Path: '/many', Recursive: true })) {
    seen.push(...page.Parameters!.map(({ Name }) => Name!));
    if (++pages === 50) break;
  }
  expect(seen).toHaveLength(500);
  expect(seen).toEqual([...seen].sort());
  const described: string[] = [];
  for await (const page of paginateDescribeParameters(
    { client: admin, pageSize: 50 },
    { ParameterFilters: [{ Key: 'Name', Option: 'BeginsWith', Values: ['/many/0999'] }] },
  ))
    described.push(...page.Parameters!.map(({ Name }) => Name!));
  expect(described).toHaveLength(100);
});
