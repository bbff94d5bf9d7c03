import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Caller } from '../../../../core/caller.ts';
import type { State } from '../../../../core/state.ts';
import { room as inventoryRoom } from '../../../../functions/node-tools/inventory/room.ts';
import { testContext, type TestContext } from '../../../support/context.ts';
import { makeNode } from '../../nodes/nodes-fixture.ts';

const operations = inventoryRoom.operations.ssm;

let flotilla: TestContext;
let node: string;
beforeEach(async () => {
  flotilla = testContext();
  node = await makeNode(flotilla.context);
});
afterEach(() => flotilla.close());

const day = 24 * 3600 * 1000;
const captured = '2026-01-05T09:00:00Z';

type Item = Parameters<typeof operations.PutInventory>[0]['Items'][number];
const application = (more: Partial<Item> = {}): Item => ({
  TypeName: 'AWS:Application',
  SchemaVersion: '1.1',
  CaptureTime: captured,
  ContentHash: 'hash-1',
  Content: [{ Name: 'nginx', Version: '1.2' }],
  ...more,
});
const custom = (more: Partial<Item> = {}): Item => ({
  TypeName: 'Custom:Rack',
  SchemaVersion: '1.0',
  CaptureTime: captured,
  Content: [{ Row: '7', Vendor: 'Acme' }],
  ...more,
});
const compliance = (type: string, more: Partial<Item> = {}): Item => ({
  TypeName: 'AWS:ComplianceItem',
  SchemaVersion: '1.0',
  CaptureTime: captured,
  Context: { ComplianceType: type, ExecutionId: 'e', ExecutionType: 'Command', ExecutionTime: captured },
  Content: [{ Id: '1', Status: 'COMPLIANT', Severity: 'LOW' }],
  ...more,
});

const put = (...Items: Item[]) => operations.PutInventory({ InstanceId: node, Items }, flotilla.as());
const list = async (TypeName = 'AWS:Application') =>
  operations.ListInventoryEntries({ InstanceId: node, TypeName }, flotilla.as());
const hashOnly = (hash: string, captureTime = captured): Item => ({
  TypeName: 'AWS:Application',
  SchemaVersion: '1.1',
  CaptureTime: captureTime,
  ContentHash: hash,
});

test('what is put is listed at once, and replaced as a whole by the next', async () => {
  expect(await put(application())).toEqual({ Message: 'Inventory was successfully updated' });
  expect(await list()).toEqual({
    TypeName: 'AWS:Application',
    InstanceId: node,
    SchemaVersion: '1.1',
    CaptureTime: captured,
    Entries: [{ Name: 'nginx', Version: '1.2' }],
  });
  await put(application({ ContentHash: 'hash-2', Content: [{ Name: 'curl' }] }));
  expect((await list()).Entries).toEqual([{ Name: 'curl' }]);
  await put(application({ ContentHash: 'hash-3', Content: [] }));
  expect((await list()).Entries).toEqual([]);
});

describe('by its hash alone', () => {
  test('an unchanged item is only refreshed', async () => {
    await put(application());
    await put(hashOnly('hash-1', '2026-01-06T09:00:00Z'));
    expect(await list()).toMatchObject({ CaptureTime: '2026-01-06T09:00:00Z', Entries: [{ Name: 'nginx' }] });
  });

  test('a changed or unknown one is asked for', async () => {
    await expect(put(hashOnly('hash-1'))).rejects.toMatchObject({
      code: 'ItemContentMismatchException',
      members: { TypeName: 'AWS:Application' },
    });
    await put(application());
    await expect(put(hashOnly('hash-2'))).rejects.toMatchObject({ code: 'ItemContentMismatchException' });
  });

  test('a call is taken whole or not at all', async () => {
    await expect(put(custom(), hashOnly('hash-1'))).rejects.toMatchObject({ code: 'ItemContentMismatchException' });
    expect((await list('Custom:Rack')).Entries).toEqual([]);
  });

  test('its schema version says nothing, and does not stay; that of a full item does', async () => {
    await put(application());
    for (const SchemaVersion of ['1.0', '9.9']) await put({ ...hashOnly('hash-1'), SchemaVersion });
    expect(await list()).toMatchObject({ SchemaVersion: '1.1' });
    await put(application({ SchemaVersion: '1.0' }));
    expect(await list()).toMatchObject({ SchemaVersion: '1.0' });
    await expect(put(application({ SchemaVersion: '9.9' }))).rejects.toMatchObject({
      code: 'UnsupportedInventorySchemaVersionException',
    });
  });

  test('a full item with the stored hash does not rewrite the content', async () => {
    await put(application());
    await put(application({ Content: [{ Name: 'something else under the same hash' }] }));
    expect((await list()).Entries).toEqual([{ Name: 'nginx', Version: '1.2' }]);
  });
});

describe('who may', () => {
  const caller = (nodeId: string): Caller => ({
    kind: 'node',
    nodeId,
    accessKeyId: 'ASIA',
    arn: `arn:aws:sts::123456789012:assumed-role/NodeRole/${nodeId}`,
  });

  test('a node for itself alone', async () => {
    const other = await makeNode(flotilla.context);
    await operations.PutInventory({ InstanceId: node, Items: [application()] }, flotilla.as(caller(node)));
    await expect(
      operations.PutInventory({ InstanceId: node, Items: [application()] }, flotilla.as(caller(other))),
    ).rejects.toMatchObject({
      code: 'AccessDeniedException',
      message: `User: arn:aws:sts::123456789012:assumed-role/NodeRole/${other} is not authorized to perform: ssm:PutInventory on resource: arn:aws:ssm:us-east-1:123456789012:managed-instance/${node}`,
    });
  });

  test('nobody for a node that is not there', async () => {
    const absent = 'mi-0123456789abcdef0';
    await expect(
      operations.PutInventory({ InstanceId: absent, Items: [application()] }, flotilla.as()),
    ).rejects.toMatchObject({ code: 'InvalidInstanceId' });
    await expect(
      operations.ListInventoryEntries({ InstanceId: absent, TypeName: 'AWS:Application' }, flotilla.as()),
    ).rejects.toMatchObject({ code: 'InvalidInstanceId' });
  });
});

const long = (bytes: number): string => 'x'.repeat(bytes);

test.each<[string, Item[], string]>([
  ['an unknown type of AWS', [application({ TypeName: 'AWS:Applications' })], 'InvalidTypeNameException'],
  ['a custom type in lower case', [custom({ TypeName: 'Custom:rack' })], 'InvalidTypeNameException'],
  ['a custom prefix in another case', [custom({ TypeName: 'custom:Rack' })], 'InvalidTypeNameException'],
  [
    "the service's own type",
    [application({ TypeName: 'AWS:InstanceInformation', SchemaVersion: '1.0' })],
    'InvalidTypeNameException',
  ],
  ['an unknown version', [application({ SchemaVersion: '9.9' })], 'UnsupportedInventorySchemaVersionException'],
  [
    'a context where there is none',
    [application({ Context: { ComplianceType: 'Patch' } })],
    'UnsupportedInventoryItemContextException',
  ],
  ['no context where there must be', [{ ...compliance('Patch'), Context: {} }], 'InvalidInventoryItemContextException'],
  [
    'an unknown context key',
    [{ ...compliance('Patch'), Context: { ComplianceType: 'Patch', Mood: 'good' } }],
    'InvalidInventoryItemContextException',
  ],
  ['an unknown attribute', [application({ Content: [{ Name: 'a', Colour: 'red' }] })], 'InvalidItemContentException'],
  ['a missing attribute', [application({ Content: [{ Version: '1' }] })], 'InvalidItemContentException'],
  ['an attribute twice', [custom({ Content: [{ Vendor: 'a', vendor: 'b' }] })], 'InvalidItemContentException'],
  [
    'neither content nor hash',
    [{ TypeName: 'AWS:Application', SchemaVersion: '1.1', CaptureTime: captured }],
    'InvalidItemContentException',
  ],
  ['a type twice', [application(), application()], 'InvalidItemContentException'],
  [
    'an item over 1,024 KB',
    [application({ Content: [{ Name: long(1024 * 1024) }] })],
    'ItemSizeLimitExceededException',
  ],
  ['a custom item over 200 KB', [custom({ Content: [{ Row: long(200 * 1024) }] })], 'ItemSizeLimitExceededException'],
  [
    'a call over 1,024 KB',
    [
      application({ Content: [{ Name: long(600_000) }] }),
      { ...application(), TypeName: 'AWS:Service', SchemaVersion: '1.0', Content: [{ Name: long(600_000) }] },
    ],
    'TotalSizeLimitExceededException',
  ],
  [
    '51 attributes',
    [custom({ Content: [Object.fromEntries(Array.from({ length: 51 }, (_, at) => [`A${at}`, '']))] })],
    'InvalidItemContentException',
  ],
])('%s is refused', async (_name, items, code) => {
  await expect(put(...items)).rejects.toMatchObject({ code });
});

describe('custom types', () => {
  test('an attribute keeps the spelling of its first use, and new ones may come', async () => {
    await put(custom());
    await expect(put(custom({ Content: [{ vendor: 'Acme' }] }))).rejects.toMatchObject({
      code: 'InvalidItemContentException',
    });
    await put(custom({ SchemaVersion: '1.10', Content: [{ Vendor: 'Acme', Height: '42' }] }));
    await put(custom({ SchemaVersion: '1.9', Content: [{ Vendor: 'Acme' }] }));
    const { Schemas } = await operations.GetInventorySchema({ TypeName: 'Custom:Rack' }, flotilla.as());
    expect(Schemas).toEqual([
      {
        TypeName: 'Custom:Rack',
        Version: '1.10',
        DisplayName: 'Rack',
        Attributes: ['Row', 'Vendor', 'Height'].map((Name) => ({ Name, DataType: 'string' })),
      },
    ]);
  });

  test('names may hold what our keys are made of', async () => {
    for (const TypeName of ['Custom:A', 'Custom:A#', 'Custom:A#B', 'Custom:A%23', 'Custom:A B.C/D'])
      await put(custom({ TypeName, Content: [{ Row: TypeName }] }));
    for (const TypeName of ['Custom:A', 'Custom:A#', 'Custom:A#B', 'Custom:A%23', 'Custom:A B.C/D'])
      expect((await list(TypeName)).Entries).toEqual([{ Row: TypeName }]);
  });

  test("the 21st is refused where AWS's quotas hold, and only there", async () => {
    const types = Array.from({ length: 21 }, (_, at) => custom({ TypeName: `Custom:Type${at}` }));
    for (const type of types) await put(type);
    const strict = testContext({ settings: { ...flotilla.context.settings, awsQuotas: true } });
    try {
      node = await makeNode(strict.context);
      const putStrictly = (item: Item) => operations.PutInventory({ InstanceId: node, Items: [item] }, strict.as());
      for (const type of types.slice(0, 20)) await putStrictly(type);
      await expect(putStrictly(types[20]!)).rejects.toMatchObject({ code: 'CustomSchemaCountLimitExceededException' });
      await putStrictly({ ...types[0]!, Content: [{ Row: '8' }] });
    } finally {
      await strict.close();
    }
  });
});

test('compliance items are kept apart by their type, ten of them on a node', async () => {
  for (let place = 0; place < 10; place++)
    await put(
      compliance(`Custom:T${place}`, { Content: [{ Id: String(place), Status: 'COMPLIANT', Severity: 'LOW' }] }),
    );
  await expect(put(compliance('Patch'))).rejects.toMatchObject({ code: 'SubTypeCountLimitExceededException' });
  await put(compliance('Custom:T3', { Content: [{ Id: 'new', Status: 'NON_COMPLIANT', Severity: 'LOW' }] }));
  expect((await list('AWS:ComplianceItem')).Entries?.map(({ Id }) => Id)).toEqual([
    '0',
    '1',
    '2',
    'new',
    '4',
    '5',
    '6',
    '7',
    '8',
    '9',
  ]);
});

describe('a large item', () => {
  const many = (count: number): Record<string, string>[] =>
    Array.from({ length: count }, (_, at) => ({ Name: `package-${at}`, Summary: long(200) }));

  test('comes back in its order, page by page, and shrinks without leftovers', async () => {
    await put(application({ Content: many(4000) }));
    const names: (string | undefined)[] = [];
    let NextToken: string | undefined;
    do {
      const page = await operations.ListInventoryEntries(
        { InstanceId: node, TypeName: 'AWS:Application', MaxResults: 50, NextToken },
        flotilla.as(),
      );
      names.push(...(page.Entries ?? []).map(({ Name }) => Name));
      ({ NextToken } = page);
    } while (NextToken !== undefined);
    expect(names).toEqual(many(4000).map(({ Name }) => Name));
    await put(application({ ContentHash: 'hash-2', Content: many(3) }));
    expect((await list()).Entries).toHaveLength(3);
  });

  test('a report that arrives while an item is read is seen wholly or not at all', async () => {
    // Three items of one type, 600 KB each: they are read in several pages, and a report arrives after the first.
    const types = ['A', 'B', 'C'];
    const report = (type: string, round: number) =>
      put(
        compliance(type, {
          Content: Array.from({ length: 1500 }, (_, at) => ({
            Id: `${at}`,
            Title: type,
            DocumentVersion: String(round),
            Status: 'COMPLIANT',
            Severity: 'LOW',
            DetailedText: long(350),
          })),
        }),
      );
    for (const type of types) await report(type, 0);

    let pages = 0;
    const { state } = flotilla;
    const interrupted: State = {
      get: (key) => state.get(key),
      getMany: (keys) => state.getMany(keys),
      query: async (query) => {
        if (++pages === 2) for (const type of types) await report(type, 1);
        return state.query(query);
      },
      write: (write) => state.write(write),
      transact: (writes) => state.transact(writes),
      batch: (writes) => state.batch(writes),
    };
    const request = { ...flotilla.as(), state: interrupted };
    const { Entities } = await operations.GetInventory(
      {
        Filters: [{ Key: 'AWS:InstanceInformation.InstanceId', Values: [node] }],
        ResultAttributes: [{ TypeName: 'AWS:ComplianceItem' }],
      },
      request,
    );
    const content = Entities?.[0]?.Data?.['AWS:ComplianceItem']?.Content ?? [];
    expect(pages).toBeGreaterThan(2);
    for (const type of types) {
      const entries = content.filter(({ Title }) => Title === type);
      expect(entries).toHaveLength(1500);
      expect(new Set(entries.map(({ DocumentVersion }) => DocumentVersion)).size).toBe(1);
    }
  });
});

test('two reports of one type at once: one of them stands, whole', async () => {
  await Promise.all(
    Array.from({ length: 8 }, (_, at) =>
      put(application({ ContentHash: `hash-${at}`, Content: [{ Name: `a${at}` }, { Name: `b${at}` }] })),
    ),
  );
  const names = (await list()).Entries?.map(({ Name }) => Name?.slice(1));
  expect(names).toHaveLength(2);
  expect(names?.[0]).toBe(names?.[1]);
});

test('an item goes 30 days after its last report, however often it was only refreshed before', async () => {
  await put(application());
  for (let month = 0; month < 12; month++) {
    flotilla.clock.advance(29 * day);
    await put(hashOnly('hash-1'));
    expect((await list()).Entries, `month ${month}`).toHaveLength(1);
  }
  flotilla.clock.advance(31 * day);
  expect(await list()).toEqual({ TypeName: 'AWS:Application', InstanceId: node, Entries: [] });
  await expect(put(hashOnly('hash-1'))).rejects.toMatchObject({ code: 'ItemContentMismatchException' });
});
