/** A fleet through AWS's own client, over HTTP, with real signatures: lists and their filters, tags, settings. */
import {
  AddTagsToResourceCommand,
  CreateAssociationCommand,
  CreateDocumentCommand,
  DeleteAssociationCommand,
  DeregisterDefaultHostManagementConfigurationCommand,
  DescribeInstanceInformationCommand,
  type DescribeInstanceInformationCommandInput,
  DescribeInstancePropertiesCommand,
  GetServiceSettingCommand,
  ListNodesSummaryCommand,
  ListTagsForResourceCommand,
  paginateDescribeInstanceInformation,
  paginateDescribeInstanceProperties,
  paginateListNodes,
  paginateListNodesSummary,
  RegisterDefaultHostManagementConfigurationCommand,
  RemoveTagsFromResourceCommand,
  ResetServiceSettingCommand,
  ResourceTypeForTagging,
  SSMClient,
  UpdateServiceSettingCommand,
} from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { recordPing } from '../../functions/nodes/index.ts';
import { makeNode, nodeIdOf } from '../functions/nodes/nodes-fixture.ts';
import { openFrontDoor, type FrontDoor } from '../support/front-door.ts';

let flotilla: FrontDoor;
let client: SSMClient;
beforeEach(async () => {
  flotilla = await openFrontDoor();
  client = new SSMClient({
    endpoint: flotilla.endpoint,
    region: 'us-east-1',
    credentials: flotilla.credentials,
    maxAttempts: 1,
  });
});
afterEach(async () => {
  client.destroy();
  await flotilla.close();
});

const refused = (name: string): unknown => expect.objectContaining({ name });

/** 120 nodes, every third of them Windows, every tenth lost. */
async function fleet(): Promise<string[]> {
  const nodes: string[] = [];
  for (let number = 0; number < 120; number++) {
    const node = await makeNode(flotilla.context, { nodeId: nodeIdOf(number * 5), tags: { wave: String(number % 4) } });
    if (number % 10 === 0) await recordPing(flotilla.context, node, { platformType: 'Linux' });
    nodes.push(node);
  }
  flotilla.clock.advance(16 * 60_000);
  for (const [number, node] of nodes.entries())
    if (number % 10 > 0)
      await recordPing(flotilla.context, node, {
        agentName: 'flotilla-agent',
        agentVersion: number % 2 === 0 ? '0.1.0.0' : '0.0.9.0',
        platformType: number % 3 === 0 ? 'Windows' : 'Linux',
        platformName: number % 3 === 0 ? 'Windows Server' : 'Debian',
        computerName: `host-${number}`,
      });
  return nodes;
}

describe('a fleet', () => {
  test('is listed whole, page by page, and by every filter', async () => {
    const nodes = await fleet();
    const described = async (input: DescribeInstanceInformationCommandInput): Promise<string[]> => {
      const ids: string[] = [];
      for await (const page of paginateDescribeInstanceInformation({ client, pageSize: 7 }, input))
        ids.push(...page.InstanceInformationList!.map((node) => node.InstanceId!));
      return ids;
    };
    const of = (keep: (number: number) => boolean): string[] => nodes.filter((_, number) => keep(number)).sort();
    expect(await described({})).toEqual(of(() => true));
    expect(await described({ Filters: [{ Key: 'PingStatus', Values: ['ConnectionLost'] }] })).toEqual(
      of((number) => number % 10 === 0),
    );
    expect(
      await described({
        Filters: [
          { Key: 'PlatformTypes', Values: ['Windows'] },
          { Key: 'AgentVersion', Values: ['0.1.0.0'] },
        ],
      }),
    ).toEqual(of((number) => number % 10 > 0 && number % 6 === 0));
    expect(await described({ Filters: [{ Key: 'tag:wave', Values: ['1', '2'] }] })).toEqual(
      of((number) => number % 4 === 1 || number % 4 === 2),
    );
    expect(
      await described({ InstanceInformationFilterList: [{ key: 'AgentVersion', valueSet: ['0.0.9.0'] }] }),
    ).toEqual(of((number) => number % 10 > 0 && number % 2 === 1));

    const older: string[] = [];
    for await (const page of paginateDescribeInstanceProperties(
      { client, pageSize: 25 },
      { FiltersWithOperator: [{ Key: 'AgentVersion', Values: ['0.1'], Operator: 'LessThan' }] },
    ))
      older.push(...page.InstanceProperties!.map((node) => node.InstanceId!));
    expect(older).toEqual(of((number) => number % 10 > 0 && number % 2 === 1));

    const named: string[] = [];
    for await (const page of paginateListNodes(
      { client, pageSize: 3 },
      { Filters: [{ Key: 'ComputerName', Values: ['host-1'], Type: 'BeginWith' }] },
    ))
      named.push(...page.Nodes!.map((node) => node.Id!));
    expect(named).toEqual(of((number) => number % 10 > 0 && String(number).startsWith('1')));

    const summary: Record<string, string>[] = [];
    for await (const page of paginateListNodesSummary(
      { client, pageSize: 1 },
      {
        Aggregators: [
          {
            AggregatorType: 'Count',
            TypeName: 'Instance',
            AttributeName: 'PlatformType',
            Aggregators: [{ AggregatorType: 'Count', TypeName: 'Instance', AttributeName: 'AgentVersion' }],
          },
        ],
      },
    ))
      summary.push(...page.Summary!);
    expect(summary.reduce((sum, { Count }) => sum + Number(Count), 0)).toBe(120);
    expect(summary).toContainEqual({
      PlatformType: 'Windows',
      AgentVersion: '0.1.0.0',
      Count: String(of((number) => number % 10 > 0 && number % 6 === 0).length),
    });
  });

  test('refuses as AWS does', async () => {
    const send = (input: object) => client.send(new DescribeInstanceInformationCommand(input));
    await expect(send({ MaxResults: 4 })).rejects.toEqual(refused('ValidationException'));
    await expect(send({ Filters: [{ Key: 'Foo', Values: ['x'] }] })).rejects.toEqual(refused('InvalidFilterKey'));
    await expect(send({ Filters: [{ Key: 'PingStatus', Values: ['Up'] }] })).rejects.toEqual(
      refused('InvalidInstanceInformationFilterValue'),
    );
    await expect(
      client.send(
        new DescribeInstancePropertiesCommand({ FiltersWithOperator: [{ Key: 'DocumentName', Values: ['None'] }] }),
      ),
    ).rejects.toEqual(refused('InvalidDocument'));
    await expect(client.send(new ListNodesSummaryCommand({ Aggregators: [], SyncName: 'sync' }))).rejects.toEqual(
      refused('ValidationException'),
    );
    await expect(
      client.send(
        new ListNodesSummaryCommand({
          SyncName: 'sync',
          Aggregators: [{ AggregatorType: 'Count', TypeName: 'Instance', AttributeName: 'Region' }],
        }),
      ),
    ).rejects.toEqual(refused('ResourceDataSyncNotFoundException'));
  });
});

test('what a node tells of its associations is told of the node', async () => {
  const node = await makeNode(flotilla.context);
  const key = await flotilla.keyForNode(node);
  await recordPing(flotilla.context, node, { platformType: 'Linux' });
  const shown = async () =>
    (await client.send(new DescribeInstanceInformationCommand({}))).InstanceInformationList![0]!;
  const listed = async (): Promise<{ AssociationId: string }[]> =>
    (await flotilla.ssm('ListInstanceAssociations', { InstanceId: node }, key)).json['Associations'] as {
      AssociationId: string;
    }[];
  const { AssociationDescription } = await client.send(
    new CreateAssociationCommand({
      Name: 'AWS-RunShellScript',
      Targets: [{ Key: 'InstanceIds', Values: [node] }],
      Parameters: { commands: ['true'] },
    }),
  );
  const AssociationId = AssociationDescription!.AssociationId!;
  expect((await listed()).map((one) => one.AssociationId)).toEqual([AssociationId]);
  expect(await shown()).toMatchObject({
    AssociationStatus: 'Pending',
    AssociationOverview: { DetailedStatus: 'Pending', InstanceAssociationStatusAggregatedCount: { Pending: 1 } },
  });

  const ran = Math.floor(flotilla.clock.now() / 1000);
  const report = async (Status: string): Promise<number> =>
    (
      await flotilla.ssm(
        'UpdateInstanceAssociationStatus',
        { AssociationId, InstanceId: node, ExecutionResult: { Status, ExecutionDate: ran } },
        key,
      )
    ).status;
  expect(await report('InProgress')).toBe(200);
  // Told twice, counted once.
  for (let time = 0; time < 2; time++) expect(await report('Success')).toBe(200);
  expect(await shown()).toMatchObject({
    AssociationStatus: 'Success',
    LastAssociationExecutionDate: new Date(ran * 1000),
    LastSuccessfulAssociationExecutionDate: new Date(ran * 1000),
    AssociationOverview: { InstanceAssociationStatusAggregatedCount: { Success: 1 } },
  });
  expect(await report('Failed')).toBe(200);
  expect(await shown()).toMatchObject({
    AssociationStatus: 'Failed',
    AssociationOverview: { InstanceAssociationStatusAggregatedCount: { Failed: 1 } },
  });
  expect(
    (
      await client.send(
        new DescribeInstanceInformationCommand({ Filters: [{ Key: 'AssociationStatus', Values: ['Failed'] }] }),
      )
    ).InstanceInformationList,
  ).toHaveLength(1);

  await client.send(new DeleteAssociationCommand({ AssociationId }));
  expect(await listed()).toEqual([]);
  expect((await shown()).AssociationStatus).toBeUndefined();
});

test('every kind that exists is tagged, listed and untagged; the others are refused', async () => {
  const node = await makeNode(flotilla.context);
  await client.send(
    new CreateDocumentCommand({
      Name: 'Mine',
      DocumentType: 'Command',
      Content: JSON.stringify({
        schemaVersion: '2.2',
        mainSteps: [{ action: 'aws:runShellScript', name: 'a', inputs: { runCommand: ['true'] } }],
      }),
    }),
  );
  const { AssociationDescription } = await client.send(
    new CreateAssociationCommand({ Name: 'Mine', Targets: [{ Key: 'InstanceIds', Values: [node] }] }),
  );
  const resources: Partial<Record<ResourceTypeForTagging, string>> = {
    ManagedInstance: node,
    Document: 'Mine',
    Association: AssociationDescription!.AssociationId!,
  };
  for (const [type, ResourceId] of Object.entries(resources)) {
    const ResourceType = type as ResourceTypeForTagging;
    const tags = async () => (await client.send(new ListTagsForResourceCommand({ ResourceType, ResourceId }))).TagList;
    await client.send(
      new AddTagsToResourceCommand({
        ResourceType,
        ResourceId,
        Tags: [
          { Key: 'a', Value: '1' },
          { Key: 'b', Value: '' },
        ],
      }),
    );
    await client.send(new AddTagsToResourceCommand({ ResourceType, ResourceId, Tags: [{ Key: 'a', Value: '2' }] }));
    expect(await tags()).toEqual([
      { Key: 'a', Value: '2' },
      { Key: 'b', Value: '' },
    ]);
    await client.send(new RemoveTagsFromResourceCommand({ ResourceType, ResourceId, TagKeys: ['a', 'none'] }));
    expect(await tags()).toEqual([{ Key: 'b', Value: '' }]);
    await expect(
      client.send(
        new AddTagsToResourceCommand({
          ResourceType,
          ResourceId,
          Tags: Array.from({ length: 50 }, (_, number) => ({ Key: `k${number}`, Value: '' })),
        }),
      ),
    ).rejects.toEqual(refused('TooManyTagsError'));
  }
  for (const ResourceType of Object.values(ResourceTypeForTagging))
    await expect(
      client.send(new ListTagsForResourceCommand({ ResourceType, ResourceId: 'i-0123456789abcdef0' })),
    ).rejects.toEqual(
      refused(
        ResourceType in resources
          ? 'InvalidResourceId'
          : (expect.stringMatching(/^InvalidResource(Id|Type)$/) as string),
      ),
    );
});

test('settings, and the role of hosts without one', async () => {
  const SettingId = '/ssm/managed-instance/default-ec2-instance-management-role';
  const setting = async () => (await client.send(new GetServiceSettingCommand({ SettingId }))).ServiceSetting!;
  expect(await setting()).toMatchObject({
    SettingId,
    SettingValue: '$None',
    Status: 'Default',
    LastModifiedUser: 'System',
  });
  const RoleArn = 'arn:aws:iam::123456789012:role/Hosts';
  expect(
    (
      await client.send(
        new RegisterDefaultHostManagementConfigurationCommand({ PermissionModel: 'SELF_MANAGED', RoleArn }),
      )
    ).RoleArn,
  ).toBe(RoleArn);
  expect(await setting()).toMatchObject({
    SettingValue: 'Hosts',
    Status: 'Customized',
    LastModifiedUser: expect.stringMatching(/^arn:aws:iam::/) as string,
    LastModifiedDate: new Date(flotilla.clock.now()),
  });
  await expect(
    client.send(new RegisterDefaultHostManagementConfigurationCommand({ PermissionModel: 'SERVICE_MANAGED' })),
  ).rejects.toEqual(refused('ValidationException'));
  await client.send(
    new RegisterDefaultHostManagementConfigurationCommand({ PermissionModel: 'SERVICE_MANAGED', Overwrite: true }),
  );
  expect((await setting()).SettingValue).toBe('service-role/AWSSystemsManagerDefaultEC2InstanceManagementRole');
  await client.send(new DeregisterDefaultHostManagementConfigurationCommand({}));
  expect(await setting()).toMatchObject({ SettingValue: '$None', Status: 'Default' });

  await client.send(
    new UpdateServiceSettingCommand({
      SettingId: '/ssm/parameter-store/default-parameter-tier',
      SettingValue: 'Advanced',
    }),
  );
  expect(
    (await client.send(new ResetServiceSettingCommand({ SettingId: '/ssm/parameter-store/default-parameter-tier' })))
      .ServiceSetting,
  ).toMatchObject({ SettingValue: 'Standard', Status: 'Default' });
  await expect(client.send(new GetServiceSettingCommand({ SettingId: '/ssm/none' }))).rejects.toEqual(
    refused('ServiceSettingNotFound'),
  );
  const viewer = await flotilla.keyFor('viewer');
  expect((await flotilla.ssm('UpdateServiceSetting', { SettingId, SettingValue: 'Mine' }, viewer)).json).toMatchObject({
    __type: expect.stringContaining('AccessDenied') as string,
  });
});
