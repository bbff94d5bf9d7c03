/** A node reports what it has, operators ask the fleet: through AWS's own client, over HTTP, with real signatures. */
import {
  GetInventoryCommand,
  GetInventorySchemaCommand,
  ListInventoryEntriesCommand,
  paginateGetInventory,
  PutInventoryCommand,
  type SSMClient,
  type InventoryItem,
} from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeNode } from '../functions/nodes/nodes-fixture.ts';
import { openFrontDoor, type FrontDoor } from '../support/front-door.ts';

let flotilla: FrontDoor;
let node: string;
let admin: SSMClient;

beforeEach(async () => {
  flotilla = await openFrontDoor();
  node = await makeNode(flotilla.context, { tags: { Role: 'web' } });
  admin = flotilla.client();
});
afterEach(() => flotilla.close());

const applications = (hash: string, ...names: string[]): InventoryItem => ({
  TypeName: 'AWS:Application',
  SchemaVersion: '1.1',
  CaptureTime: '2026-01-05T09:00:00Z',
  ContentHash: hash,
  Content: names.map((Name) => ({ Name, Version: '1.0' })),
});

test('a node reports by its hash first, then in full, and everybody sees it at once', async () => {
  const agent = flotilla.client(await flotilla.keyForNode(node));
  const { Content: _content, ...hashAlone } = applications('a-hash', 'openssl');
  await expect(agent.send(new PutInventoryCommand({ InstanceId: node, Items: [hashAlone] }))).rejects.toMatchObject({
    name: 'ItemContentMismatchException',
    TypeName: 'AWS:Application',
  });
  await agent.send(new PutInventoryCommand({ InstanceId: node, Items: [applications('a-hash', 'openssl', 'curl')] }));
  expect((await agent.send(new PutInventoryCommand({ InstanceId: node, Items: [hashAlone] }))).Message).toBe(
    'Inventory was successfully updated',
  );
  // amazon-ssm-agent gives a hash alone the schema version of the last item that it collected, whichever that was.
  expect(
    (await agent.send(new PutInventoryCommand({ InstanceId: node, Items: [{ ...hashAlone, SchemaVersion: '7.3' }] })))
      .Message,
  ).toBe('Inventory was successfully updated');

  const viewer = flotilla.client(await flotilla.keyFor('viewer'));
  const { Entries, CaptureTime, SchemaVersion } = await viewer.send(
    new ListInventoryEntriesCommand({ InstanceId: node, TypeName: 'AWS:Application' }),
  );
  expect({ Entries, CaptureTime, SchemaVersion }).toEqual({
    Entries: [
      { Name: 'openssl', Version: '1.0' },
      { Name: 'curl', Version: '1.0' },
    ],
    CaptureTime: '2026-01-05T09:00:00Z',
    SchemaVersion: '1.1',
  });
  const found = await viewer.send(
    new GetInventoryCommand({ Filters: [{ Key: 'AWS:Application.Name', Values: ['openssl'], Type: 'Equal' }] }),
  );
  expect(found.Entities?.map(({ Id }) => Id)).toEqual([node]);
  expect(found.Entities?.[0]?.Data?.['AWS:InstanceInformation']?.Content?.[0]).toMatchObject({
    InstanceId: node,
    ResourceType: 'ManagedInstance',
  });
});

test('neither another node nor a viewer writes for it', async () => {
  const other = flotilla.client(await flotilla.keyForNode(await makeNode(flotilla.context)));
  const viewer = flotilla.client(await flotilla.keyFor('viewer'));
  for (const client of [other, viewer])
    await expect(
      client.send(new PutInventoryCommand({ InstanceId: node, Items: [applications('h', 'intruder')] })),
    ).rejects.toMatchObject({ name: 'AccessDeniedException' });
  expect(
    (await admin.send(new ListInventoryEntriesCommand({ InstanceId: node, TypeName: 'AWS:Application' }))).Entries,
  ).toEqual([]);
});

test('a page of a fleet leads to the next, and a token of another list to none', async () => {
  for (let count = 0; count < 24; count++) await makeNode(flotilla.context);
  const found: (string | undefined)[] = [];
  for await (const page of paginateGetInventory({ client: admin, pageSize: 10 }, {}))
    found.push(...(page.Entities ?? []).map(({ Id }) => Id));
  expect(new Set(found).size).toBe(25);
  expect(found).toEqual([...found].sort());

  const { NextToken } = await admin.send(new GetInventoryCommand({ MaxResults: 5 }));
  await expect(admin.send(new GetInventorySchemaCommand({ NextToken }))).rejects.toMatchObject({
    name: 'InvalidNextToken',
  });
});

test("the model's bounds hold", async () => {
  await expect(admin.send(new GetInventorySchemaCommand({ MaxResults: 10 }))).rejects.toMatchObject({
    name: 'ValidationException',
  });
  await expect(
    admin.send(
      new PutInventoryCommand({ InstanceId: node, Items: [{ ...applications('h'), CaptureTime: 'yesterday' }] }),
    ),
  ).rejects.toMatchObject({ name: 'ValidationException' });
});
