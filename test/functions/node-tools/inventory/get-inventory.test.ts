import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SsmInput } from '../../../../core/operations.ts';
import { room as inventoryRoom } from '../../../../functions/node-tools/inventory/room.ts';
import { recordPing, removeNode } from '../../../../functions/nodes/index.ts';
import { testContext, type TestContext } from '../../../support/context.ts';
import { makeNode, nodeIdOf } from '../../nodes/nodes-fixture.ts';

const operations = inventoryRoom.operations.ssm;

let flotilla: TestContext;
beforeEach(() => {
  flotilla = testContext();
});
afterEach(() => flotilla.close());

const get = (input: SsmInput<'GetInventory'> = {}) => operations.GetInventory(input, flotilla.as());
const ids = async (input: SsmInput<'GetInventory'>): Promise<(string | undefined)[]> =>
  ((await get(input)).Entities ?? []).map(({ Id }) => Id);
const put = (nodeId: string, TypeName: string, Content: Record<string, string>[]) =>
  operations.PutInventory(
    {
      InstanceId: nodeId,
      Items: [{ TypeName, SchemaVersion: '1.0', CaptureTime: '2026-01-05T09:00:00Z', ContentHash: 'h', Content }],
    },
    flotilla.as(),
  );

/** Every page, and how many there were. */
async function pages(input: SsmInput<'GetInventory'>): Promise<{ ids: (string | undefined)[]; count: number }> {
  const found: (string | undefined)[] = [];
  let NextToken: string | undefined;
  let count = 0;
  do {
    const page = await get({ ...input, NextToken });
    found.push(...(page.Entities ?? []).map(({ Id }) => Id));
    ({ NextToken } = page);
    count++;
  } while (NextToken !== undefined);
  return { ids: found, count };
}

describe('of three nodes', () => {
  let web: string, db: string, bare: string;
  beforeEach(async () => {
    [web, db, bare] = [
      await makeNode(flotilla.context, { nodeId: nodeIdOf(1), tags: { Role: 'web' } }),
      await makeNode(flotilla.context, { nodeId: nodeIdOf(2), tags: { Role: 'db' } }),
      await makeNode(flotilla.context, { nodeId: nodeIdOf(3) }),
    ];
    await recordPing(flotilla.context, web, {
      agentName: 'amazon-ssm-agent',
      agentVersion: '3.3.1',
      platformType: 'Linux',
      platformName: 'Debian GNU/Linux',
      platformVersion: '12',
      ipAddress: '10.0.0.1',
      computerName: 'web-1',
    });
    await recordPing(flotilla.context, db, { platformType: 'Linux', platformName: 'Ubuntu' });
    await put(web, 'AWS:Application', [
      { Name: 'nginx', Version: '1.2' },
      { Name: 'curl', Version: '8' },
    ]);
    await put(db, 'AWS:Application', [
      { Name: 'postgres', Version: '15' },
      { Name: 'curl', Version: '7' },
    ]);
  });

  test('without filters all are there, with what the service knows of them', async () => {
    const { Entities } = await get();
    expect(Entities?.map(({ Id }) => Id)).toEqual([web, db, bare]);
    expect(Entities?.[0]).toEqual({
      Id: web,
      Data: {
        'AWS:InstanceInformation': {
          TypeName: 'AWS:InstanceInformation',
          SchemaVersion: '1.0',
          CaptureTime: '2026-01-05T09:00:00Z',
          Content: [
            {
              AgentType: 'amazon-ssm-agent',
              AgentVersion: '3.3.1',
              ComputerName: 'web-1',
              InstanceId: web,
              InstanceStatus: 'Active',
              IpAddress: '10.0.0.1',
              PlatformName: 'Debian GNU/Linux',
              PlatformType: 'Linux',
              PlatformVersion: '12',
              ResourceType: 'ManagedInstance',
            },
          ],
        },
      },
    });
    expect(Entities?.[2]?.Data?.['AWS:InstanceInformation']?.Content?.[0]).toMatchObject({
      InstanceStatus: 'ConnectionLost',
    });
  });

  test('another type on demand; a node without it has none', async () => {
    const { Entities } = await get({ ResultAttributes: [{ TypeName: 'AWS:Application' }] });
    expect(Entities?.[0]?.Data?.['AWS:Application']).toEqual({
      TypeName: 'AWS:Application',
      SchemaVersion: '1.0',
      CaptureTime: '2026-01-05T09:00:00Z',
      ContentHash: 'h',
      Content: [
        { Name: 'nginx', Version: '1.2' },
        { Name: 'curl', Version: '8' },
      ],
    });
    expect(Entities?.[2]).toEqual({ Id: bare, Data: {} });
  });

  test.each<[string, NonNullable<SsmInput<'GetInventory'>['Filters']>, number[]]>([
    ['one value', [{ Key: 'AWS:Application.Name', Values: ['nginx'] }], [1]],
    ['values by or', [{ Key: 'AWS:Application.Name', Values: ['nginx', 'postgres'], Type: 'Equal' }], [1, 2]],
    [
      'filters by and',
      [
        { Key: 'AWS:Application.Name', Values: ['curl'] },
        { Key: 'AWS:InstanceInformation.PlatformName', Values: ['Ubuntu'] },
      ],
      [2],
    ],
    [
      'two filters of one type need not meet in one entry',
      [
        { Key: 'AWS:Application.Name', Values: ['nginx'] },
        { Key: 'AWS:Application.Version', Values: ['8'] },
      ],
      [1],
    ],
    ['any entry that differs', [{ Key: 'AWS:Application.Name', Values: ['nginx', 'curl'], Type: 'NotEqual' }], [2]],
    ['a beginning', [{ Key: 'AWS:Application.Name', Values: ['post'], Type: 'BeginWith' }], [2]],
    ['by number', [{ Key: 'AWS:Application.Version', Values: ['14'], Type: 'GreaterThan' }], [2]],
    ['by id', [{ Key: 'AWS:InstanceInformation.InstanceId', Values: [nodeIdOf(3), nodeIdOf(9)] }], [3]],
    ['by tag key', [{ Key: 'AWS:Tag.Key', Values: ['Role'] }], [1, 2]],
    ['by tag value', [{ Key: 'AWS:Tag.Value', Values: ['db'] }], [2]],
    ['none', [{ Key: 'Custom:Nothing.Name', Values: ['x'] }], []],
  ])('filtered by %s', async (_name, Filters, expected) => {
    expect(await ids({ Filters })).toEqual(expected.map(nodeIdOf));
  });

  test('a node that is unregistered between two pages is no longer there', async () => {
    const first = await get({ MaxResults: 1 });
    expect(first.Entities?.map(({ Id }) => Id)).toEqual([web]);
    await removeNode(flotilla.context, db, () => []);
    const second = await get({ MaxResults: 2, NextToken: first.NextToken });
    expect(second.Entities?.map(({ Id }) => Id)).toEqual([bare]);
    expect(second.NextToken).toBeUndefined();
  });

  test('entries of one node by filters on bare attribute names', async () => {
    const list = (Filters: SsmInput<'ListInventoryEntries'>['Filters']) =>
      operations.ListInventoryEntries({ InstanceId: web, TypeName: 'AWS:Application', Filters }, flotilla.as());
    expect((await list([{ Key: 'Name', Values: ['c'], Type: 'BeginWith' }])).Entries).toEqual([
      { Name: 'curl', Version: '8' },
    ]);
    expect(
      (
        await list([
          { Key: 'Name', Values: ['curl'] },
          { Key: 'Version', Values: ['1.2'] },
        ])
      ).Entries,
    ).toEqual([]);
    expect(
      (await operations.ListInventoryEntries({ InstanceId: web, TypeName: 'AWS:Tag' }, flotilla.as())).Entries,
    ).toEqual([{ Key: 'Role', Value: 'web' }]);
  });
});

test('a fleet comes in the order of its ids, each node once, whatever the page size', async () => {
  for (let number = 0; number < 120; number++) await makeNode(flotilla.context, { nodeId: nodeIdOf(number) });
  const all = Array.from({ length: 120 }, (_, number) => nodeIdOf(number)).sort();
  for (const MaxResults of [7, 50])
    expect(await pages({ MaxResults })).toEqual({ ids: all, count: Math.ceil(120 / MaxResults) });
});

test('a rare match is found over pages that are empty', async () => {
  for (let number = 0; number < 620; number++) await makeNode(flotilla.context, { nodeId: nodeIdOf(number) });
  const last = Array.from({ length: 620 }, (_, number) => nodeIdOf(number))
    .sort()
    .at(-1)!;
  await put(last, 'AWS:Application', [{ Name: 'rare' }]);
  const { ids: found, count } = await pages({ Filters: [{ Key: 'AWS:Application.Name', Values: ['rare'] }] });
  expect(found).toEqual([last]);
  expect(count).toBe(2);
});

test('what is not understood is refused', async () => {
  await expect(get({ Aggregators: [{ Expression: 'AWS:InstanceInformation.PlatformType' }] })).rejects.toMatchObject({
    code: 'InvalidAggregatorException',
  });
  await expect(get({ ResultAttributes: [{ TypeName: 'AWS:Nothing' }] })).rejects.toMatchObject({
    code: 'InvalidTypeNameException',
  });
  await expect(get({ NextToken: 'made-up' })).rejects.toMatchObject({ code: 'InvalidNextToken' });
  const schemas = await operations.GetInventorySchema({}, flotilla.as());
  expect(schemas.Schemas?.map(({ TypeName }) => TypeName)).toContain('AWS:Application');
  expect(schemas.NextToken).toBeUndefined();
  expect(schemas.Schemas?.find(({ TypeName }) => TypeName === 'AWS:Application')).toMatchObject({
    Version: '1.1',
    DisplayName: 'Application',
  });
  expect(
    (await operations.GetInventorySchema({ SubType: true }, flotilla.as())).Schemas?.map(({ TypeName }) => TypeName),
  ).toEqual(['AWS:ComplianceItem']);
  await expect(operations.GetInventorySchema({ TypeName: 'AWS:Nothing' }, flotilla.as())).rejects.toMatchObject({
    code: 'InvalidTypeNameException',
  });
});
