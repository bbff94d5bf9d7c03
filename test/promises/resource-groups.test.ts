/** Resource groups through AWS's own clients, over HTTP, with real signatures. */
import {
  CreateGroupCommand,
  DeleteGroupCommand,
  GetGroupCommand,
  GetGroupConfigurationCommand,
  GetGroupQueryCommand,
  GetTagsCommand,
  ListGroupResourcesCommand,
  paginateListGroupResources,
  paginateListGroups,
  paginateSearchResources,
  ResourceGroupsClient,
  SearchResourcesCommand,
  TagCommand,
  UntagCommand,
  UpdateGroupCommand,
  UpdateGroupQueryCommand,
  type GroupFilter,
  type ResourceQuery,
} from '@aws-sdk/client-resource-groups';
import {
  AddTagsToResourceCommand,
  CreateAssociationCommand,
  CreateDocumentCommand,
  DeleteDocumentCommand,
  ListAssociationsCommand,
  ListCommandInvocationsCommand,
  ListCommandsCommand,
  PutParameterCommand,
  RemoveTagsFromResourceCommand,
  SendCommandCommand,
  SSMClient,
  type Command,
  type Target,
} from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { Credentials } from '../../core/sigv4/sign.ts';
import { routes } from '../../events/routes.ts';
import { removeNode } from '../../functions/nodes/index.ts';
import { timers } from '../../functions/registry.ts';
import { startDispatcher } from '../../local/dispatcher.ts';
import { loadHandler } from '../../local/route-handlers.ts';
import { startTimers } from '../../local/timer-loop.ts';
import { makeNode, nodeIdOf } from '../functions/nodes/nodes-fixture.ts';
import { fireDueTimers } from '../support/fire-due-timers.ts';
import { openFrontDoor, type FrontDoor } from '../support/front-door.ts';

let flotilla: FrontDoor;
let groups: ResourceGroupsClient;
let ssm: SSMClient;
beforeEach(async () => {
  flotilla = await openFrontDoor();
  const common = {
    endpoint: flotilla.endpoint,
    region: 'us-east-1',
    credentials: flotilla.credentials,
    maxAttempts: 1,
  };
  groups = new ResourceGroupsClient(common);
  ssm = new SSMClient(common);
});
afterEach(async () => {
  groups.destroy();
  ssm.destroy();
  await flotilla.close();
});

const arnOf = (group: string): string => `arn:aws:resource-groups:us-east-1:123456789012:group/${group}`;
const nodeArn = (node: string): string => `arn:aws:ssm:us-east-1:123456789012:managed-instance/${node}`;
const documentArn = (name: string): string => `arn:aws:ssm:us-east-1:123456789012:document/${name}`;
const queryOf = (
  TagFilters: readonly object[],
  ResourceTypeFilters: readonly string[] = ['AWS::AllSupported'],
): ResourceQuery => ({ Type: 'TAG_FILTERS_1_0', Query: JSON.stringify({ ResourceTypeFilters, TagFilters }) });
const web = queryOf([{ Key: 'role', Values: ['web'] }]);
const refused = (name: string, message = /./): unknown =>
  expect.objectContaining({ name, message: expect.stringMatching(message) as string });
const make = (Name: string, ResourceQuery = web, more: object = {}) =>
  groups.send(new CreateGroupCommand({ Name, ResourceQuery, ...more }));
const makeDocument = (Name: string, tags: Record<string, string>) =>
  ssm.send(
    new CreateDocumentCommand({
      Name,
      Content: JSON.stringify({
        schemaVersion: '2.2',
        description: Name,
        mainSteps: [{ action: 'aws:runShellScript', name: 'x', inputs: { runCommand: [`echo ${Name}`] } }],
      }),
      DocumentType: 'Command',
      Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    }),
  );

async function membersOf(Group: string, types?: string[], pageSize = 3): Promise<string[]> {
  const members: string[] = [];
  for await (const page of paginateListGroupResources(
    { client: groups, pageSize },
    { Group, ...(types === undefined ? {} : { Filters: [{ Name: 'resource-type', Values: types }] }) },
  )) {
    expect(page.Resources!.map(({ Identifier }) => Identifier)).toEqual(page.ResourceIdentifiers);
    members.push(...page.Resources!.map(({ Identifier }) => Identifier!.ResourceArn!));
  }
  return members;
}

async function found(ResourceQuery: ResourceQuery, pageSize = 2): Promise<string[]> {
  const members: string[] = [];
  for await (const page of paginateSearchResources({ client: groups, pageSize }, { ResourceQuery }))
    members.push(...page.ResourceIdentifiers!.map(({ ResourceArn }) => ResourceArn!));
  return members;
}

describe('a group', () => {
  test('is made, read by name and by ARN, changed and deleted', async () => {
    const made = await make('web-1', web, {
      Description: 'The web',
      Tags: { team: 'a' },
      Owner: 'me@example.com',
      Criticality: 2,
      DisplayName: 'Web',
    });
    const group = {
      GroupArn: arnOf('web-1'),
      Name: 'web-1',
      Description: 'The web',
      Owner: 'me@example.com',
      Criticality: 2,
      DisplayName: 'Web',
    };
    expect(made).toMatchObject({ Group: group, ResourceQuery: web, Tags: { team: 'a' } });
    expect((await groups.send(new GetGroupCommand({ Group: 'web-1' }))).Group).toEqual(group);
    expect((await groups.send(new GetGroupCommand({ Group: arnOf('web-1') }))).Group).toEqual(group);
    expect((await groups.send(new GetGroupCommand({ GroupName: 'web-1' }))).Group).toEqual(group);
    expect((await groups.send(new GetGroupQueryCommand({ GroupName: 'web-1' }))).GroupQuery).toEqual({
      GroupName: 'web-1',
      ResourceQuery: web,
    });

    expect(
      (await groups.send(new UpdateGroupCommand({ GroupName: 'web-1', Description: 'Other', Criticality: 10 }))).Group,
    ).toEqual({ ...group, Description: 'Other', Criticality: 10 });
    const other = queryOf([{ Key: 'role' }], ['AWS::SSM::ManagedInstance']);
    expect(
      (await groups.send(new UpdateGroupQueryCommand({ Group: arnOf('web-1'), ResourceQuery: other }))).GroupQuery,
    ).toEqual({ GroupName: 'web-1', ResourceQuery: other });
    expect((await groups.send(new GetGroupQueryCommand({ Group: 'web-1' }))).GroupQuery?.ResourceQuery).toEqual(other);
    expect((await groups.send(new GetGroupCommand({ Group: 'web-1' }))).Group?.Description).toBe('Other');

    expect((await groups.send(new DeleteGroupCommand({ Group: 'web-1' }))).Group?.GroupArn).toBe(arnOf('web-1'));
    await expect(groups.send(new GetGroupCommand({ Group: 'web-1' }))).rejects.toEqual(
      refused('NotFoundException', /web-1/),
    );
    await expect(groups.send(new DeleteGroupCommand({ Group: 'web-1' }))).rejects.toEqual(refused('NotFoundException'));
    // Its tags went with it.
    await make('web-1');
    expect((await groups.send(new GetTagsCommand({ Arn: arnOf('web-1') }))).Tags).toEqual({});
  });

  test('is refused as AWS does', async () => {
    await make('taken');
    await expect(make('taken')).rejects.toEqual(refused('BadRequestException', /already exists/));
    await expect(make('AwsThings')).rejects.toEqual(refused('BadRequestException', /reserved/));
    await expect(make('a b')).rejects.toEqual(refused('BadRequestException', /'name' failed to satisfy constraint/));
    await expect(
      make('stack', {
        Type: 'CLOUDFORMATION_STACK_1_0',
        Query:
          '{"ResourceTypeFilters":["AWS::AllSupported"],"StackIdentifier":"arn:aws:cloudformation:us-east-1:123456789012:stack/a"}',
      }),
    ).rejects.toEqual(refused('BadRequestException', /CLOUDFORMATION_STACK_1_0/));
    await expect(make('torn', { Type: 'TAG_FILTERS_1_0', Query: '{' })).rejects.toEqual(
      refused('BadRequestException', /check JSON syntax/),
    );
    await expect(make('tagged', web, { Tags: { 'aws:x': 'y' } })).rejects.toEqual(
      refused('BadRequestException', /reserved/),
    );
    await expect(
      make('much', web, { Tags: Object.fromEntries(Array.from({ length: 51 }, (_, number) => [`k${number}`, ''])) }),
    ).rejects.toEqual(refused('BadRequestException', /at most 50/));
    await expect(groups.send(new CreateGroupCommand({ Name: 'empty' }))).rejects.toEqual(
      refused('BadRequestException', /ResourceQuery/),
    );
    await expect(
      groups.send(
        new CreateGroupCommand({ Name: 'pool', Configuration: [{ Type: 'AWS::EC2::CapacityReservationPool' }] }),
      ),
    ).rejects.toEqual(refused('BadRequestException', /configuration/));
    await expect(groups.send(new GetGroupConfigurationCommand({ Group: 'taken' }))).rejects.toEqual(
      refused('BadRequestException', /no service configuration/),
    );
    await expect(groups.send(new GetGroupConfigurationCommand({ Group: 'none' }))).rejects.toEqual(
      refused('NotFoundException', /none/),
    );
    await expect(groups.send(new GetGroupCommand({}))).rejects.toEqual(refused('BadRequestException'));
    await expect(groups.send(new GetGroupCommand({ Group: 'taken', GroupName: 'taken' }))).rejects.toEqual(
      refused('BadRequestException'),
    );
    await expect(
      groups.send(new GetGroupCommand({ Group: 'arn:aws:resource-groups:eu-west-1:123456789012:group/taken' })),
    ).rejects.toEqual(refused('NotFoundException'));
    await expect(
      groups.send(
        new UpdateGroupQueryCommand({ Group: 'taken', ResourceQuery: { Type: 'TAG_FILTERS_1_0', Query: '{}' } }),
      ),
    ).rejects.toEqual(refused('BadRequestException'));
    expect((await groups.send(new GetGroupQueryCommand({ Group: 'taken' }))).GroupQuery?.ResourceQuery).toEqual(web);
    for (const command of [
      new UpdateGroupCommand({ Group: 'none' }),
      new GetGroupQueryCommand({ Group: 'none' }),
      new ListGroupResourcesCommand({ Group: 'none' }),
      new GetTagsCommand({ Arn: arnOf('none') }),
      new TagCommand({ Arn: arnOf('none'), Tags: { a: 'b' } }),
      new UntagCommand({ Arn: arnOf('none'), Keys: ['a'] }),
    ])
      await expect(groups.send(command as GetGroupCommand)).rejects.toEqual(refused('NotFoundException', /none/));
  });

  test('has tags of its own, fifty at most, whoever adds them at once', async () => {
    await make('tagged', web, { Tags: { first: '1' } });
    const Arn = arnOf('tagged');
    const tagsNow = async () => (await groups.send(new GetTagsCommand({ Arn }))).Tags;
    expect(await groups.send(new TagCommand({ Arn, Tags: { second: '2', first: 'one' } }))).toMatchObject({
      Arn,
      Tags: { second: '2', first: 'one' },
    });
    expect(await tagsNow()).toEqual({ first: 'one', second: '2' });
    expect(await groups.send(new UntagCommand({ Arn, Keys: ['second', 'absent'] }))).toMatchObject({
      Arn,
      Keys: ['second', 'absent'],
    });
    await Promise.all(
      Array.from({ length: 9 }, (_, number) =>
        groups.send(new TagCommand({ Arn, Tags: { [`writer${number}`]: 'x' } })),
      ),
    );
    expect(Object.keys((await tagsNow())!)).toHaveLength(10);
    await groups.send(
      new TagCommand({ Arn, Tags: Object.fromEntries(Array.from({ length: 40 }, (_, number) => [`k${number}`, ''])) }),
    );
    await expect(groups.send(new TagCommand({ Arn, Tags: { more: '' } }))).rejects.toEqual(
      refused('BadRequestException', /at most 50/),
    );
    await expect(groups.send(new TagCommand({ Arn, Tags: { 'aws:x': '' } }))).rejects.toEqual(
      refused('BadRequestException', /reserved/),
    );
    expect(Object.keys((await tagsNow())!)).toHaveLength(50);
    // Groups are found by their tags like all else.
    expect(await found(queryOf([{ Key: 'first', Values: ['one'] }], ['AWS::ResourceGroups::Group']))).toEqual([Arn]);
    await groups.send(new DeleteGroupCommand({ Group: 'tagged' }));
    expect(await found(queryOf([{ Key: 'first', Values: ['one'] }]))).toEqual([]);
  });

  test('is listed page by page, by every filter', async () => {
    for (let number = 0; number < 12; number++)
      await make(
        `group-${String(number).padStart(2, '0')}`,
        number % 3 === 0 ? queryOf([{ Key: 'a' }], ['AWS::SSM::Document', 'AWS::SSM::ManagedInstance']) : web,
        { Owner: number % 2 === 0 ? 'Ada' : 'Bob', DisplayName: `Number ${number}`, Criticality: (number % 10) + 1 },
      );
    const named = async (Filters: GroupFilter[] = []): Promise<number[]> => {
      const names: string[] = [];
      for await (const page of paginateListGroups({ client: groups, pageSize: 5 }, { Filters })) {
        expect(page.Groups!.map(({ GroupArn, Name }) => [GroupArn, Name])).toEqual(
          page.GroupIdentifiers!.map(({ GroupArn, GroupName }) => [GroupArn, GroupName]),
        );
        names.push(...page.GroupIdentifiers!.map(({ GroupName }) => GroupName!));
      }
      return names.map((name) => Number(name.slice(-2)));
    };
    expect(await named()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(await named([{ Name: 'resource-type', Values: ['AWS::SSM::ManagedInstance'] }])).toEqual([0, 3, 6, 9]);
    expect(await named([{ Name: 'resource-type', Values: ['AWS::AllSupported', 'AWS::EC2::Instance'] }])).toEqual([
      1, 2, 4, 5, 7, 8, 10, 11,
    ]);
    expect(
      await named([
        { Name: 'owner', Values: ['Ada'] },
        { Name: 'resource-type', Values: ['AWS::SSM::Document'] },
      ]),
    ).toEqual([0, 6]);
    expect(await named([{ Name: 'display-name', Values: ['Number 3', 'Number 5'] }])).toEqual([3, 5]);
    expect(await named([{ Name: 'criticality', Values: ['1'] }])).toEqual([0, 10]);
    expect(await named([{ Name: 'configuration-type', Values: ['AWS::EC2::CapacityReservationPool'] }])).toEqual([]);
    await expect(named([{ Name: 'criticality', Values: ['11'] }])).rejects.toEqual(
      refused('BadRequestException', /Filters not valid/),
    );
    await expect(named([{ Name: 'resource-type', Values: ['Document'] }])).rejects.toEqual(
      refused('BadRequestException', /Filters not valid/),
    );
    await expect(groups.send(new ListGroupResourcesCommand({ Group: 'group-01', NextToken: 'AAAA' }))).rejects.toEqual(
      refused('BadRequestException', /NextToken/),
    );
  });

  test('may be read by viewers, and changed by operators', async () => {
    await make('seen');
    const as = async (credentials: Credentials) =>
      new ResourceGroupsClient({ endpoint: flotilla.endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
    const viewer = await as(await flotilla.keyFor('viewer'));
    expect((await viewer.send(new GetGroupCommand({ Group: 'seen' }))).Group?.Name).toBe('seen');
    expect((await viewer.send(new SearchResourcesCommand({ ResourceQuery: web }))).ResourceIdentifiers).toEqual([]);
    for (const command of [
      new DeleteGroupCommand({ Group: 'seen' }),
      new TagCommand({ Arn: arnOf('seen'), Tags: { a: 'b' } }),
      new UntagCommand({ Arn: arnOf('seen'), Keys: ['a'] }),
    ])
      await expect(viewer.send(command as DeleteGroupCommand)).rejects.toEqual(refused('AccessDeniedException'));
    const operator = await as(await flotilla.keyFor('operator'));
    await operator.send(new DeleteGroupCommand({ Group: 'seen' }));
    const node = await as(await flotilla.keyForNode(await makeNode(flotilla.context)));
    await expect(node.send(new SearchResourcesCommand({ ResourceQuery: web }))).rejects.toEqual(
      refused('AccessDeniedException'),
    );
    for (const client of [viewer, operator, node]) client.destroy();
  });
});

describe('members', () => {
  test('are whatever has the tags now: nodes, documents, parameters, associations', async () => {
    const nodes: string[] = [];
    for (let number = 0; number < 7; number++)
      nodes.push(
        await makeNode(flotilla.context, {
          nodeId: nodeIdOf(number * 5),
          tags: { role: number % 2 === 0 ? 'web' : 'db', ...(number > 3 ? { env: 'prod' } : {}) },
        }),
      );
    nodes.sort();
    await makeDocument('Deploy', { role: 'web', env: 'prod' });
    await makeDocument('Other', { role: 'none' });
    const { AssociationDescription: association } = await ssm.send(
      new CreateAssociationCommand({
        Name: 'Deploy',
        Targets: [{ Key: 'tag:role', Values: ['web'] }],
        Tags: [{ Key: 'role', Value: 'web' }],
      }),
    );
    const associationArn = `arn:aws:ssm:us-east-1:123456789012:association/${association!.AssociationId!}`;
    for (const [Name, role] of [
      ['/shop/url', 'web'],
      ['Plain', 'web'],
      ['other', 'db'],
    ] as const)
      await ssm.send(
        new PutParameterCommand({ Name, Value: 'x', Type: 'String', Tags: [{ Key: 'role', Value: role }] }),
      );
    const parameters = ['Plain', 'shop/url'].map((name) => `arn:aws:ssm:us-east-1:123456789012:parameter/${name}`);
    const webNodes = [0, 10, 20, 30].map((number) => nodeArn(nodeIdOf(number))).sort();

    await make('all');
    expect(await membersOf('all')).toEqual([associationArn, documentArn('Deploy'), ...webNodes, ...parameters]);
    expect(await membersOf('all', undefined, 50)).toEqual(await membersOf('all', undefined, 1));
    expect(await membersOf('all', ['AWS::SSM::Document', 'AWS::SSM::ManagedInstance'])).toEqual([
      documentArn('Deploy'),
      ...webNodes,
    ]);
    expect(await membersOf('all', ['AWS::EC2::Instance'])).toEqual([]);

    await make(
      'prod-nodes',
      queryOf(
        [
          { Key: 'role', Values: ['web', 'db'] },
          { Key: 'env', Values: ['prod', 'stage'] },
        ],
        ['AWS::SSM::ManagedInstance'],
      ),
    );
    expect(await membersOf('prod-nodes')).toEqual([20, 25, 30].map((number) => nodeArn(nodeIdOf(number))).sort());
    await expect(membersOf('prod-nodes', ['AWS::SSM::Document'])).rejects.toEqual(
      refused('BadRequestException', /not valid: AWS::SSM::Document/),
    );
    expect(await found(queryOf([{ Key: 'env' }]))).toEqual([
      documentArn('Deploy'),
      ...[20, 25, 30].map((number) => nodeArn(nodeIdOf(number))).sort(),
    ]);

    // A tag that moves, a resource that goes.
    await ssm.send(
      new AddTagsToResourceCommand({
        ResourceType: 'ManagedInstance',
        ResourceId: nodeIdOf(20),
        Tags: [{ Key: 'role', Value: 'cache' }],
      }),
    );
    await ssm.send(
      new RemoveTagsFromResourceCommand({ ResourceType: 'Document', ResourceId: 'Deploy', TagKeys: ['role'] }),
    );
    await ssm.send(
      new AddTagsToResourceCommand({
        ResourceType: 'Document',
        ResourceId: 'Other',
        Tags: [{ Key: 'role', Value: 'web' }],
      }),
    );
    await removeNode(flotilla.context, nodeIdOf(10), () => []);
    expect(await membersOf('all')).toEqual([
      associationArn,
      documentArn('Other'),
      ...[0, 30].map((number) => nodeArn(nodeIdOf(number))).sort(),
      ...parameters,
    ]);
    await ssm.send(new DeleteDocumentCommand({ Name: 'Other' }));
    expect(await membersOf('all', ['AWS::SSM::Document'])).toEqual([]);
    expect(await membersOf('prod-nodes')).toEqual([25, 30].map((number) => nodeArn(nodeIdOf(number))).sort());
  });

  test('of types that are not here are none, and the answer says so', async () => {
    const query = queryOf([{ Key: 'a' }], ['AWS::S3::Bucket', 'AWS::SSM::Document']);
    const errors = [
      { ErrorCode: 'RESOURCE_TYPE_NOT_SUPPORTED', Message: expect.stringContaining('AWS::S3::Bucket') as string },
    ];
    expect(await groups.send(new SearchResourcesCommand({ ResourceQuery: query }))).toMatchObject({
      ResourceIdentifiers: [],
      QueryErrors: errors,
    });
    await make('buckets', query);
    expect(await groups.send(new ListGroupResourcesCommand({ Group: 'buckets' }))).toMatchObject({
      Resources: [],
      QueryErrors: errors,
    });
    expect((await groups.send(new SearchResourcesCommand({ ResourceQuery: web }))).QueryErrors).toEqual([]);
  });
});

describe('as targets', () => {
  const group = (name: string): Target => ({ Key: 'resource-groups:Name', Values: [name] });
  const send = async (...Targets: Target[]): Promise<string> => {
    const { Command: sent } = await ssm.send(
      new SendCommandCommand({ DocumentName: 'AWS-RunShellScript', Parameters: { commands: ['true'] }, Targets }),
    );
    await fireDueTimers(flotilla.context);
    return sent!.CommandId!;
  };
  const commandOf = async (CommandId: string): Promise<Command> =>
    (await ssm.send(new ListCommandsCommand({ CommandId }))).Commands![0]!;
  const nodesOf = async (CommandId: string): Promise<string[]> =>
    (await ssm.send(new ListCommandInvocationsCommand({ CommandId })))
      .CommandInvocations!.map(({ InstanceId }) => InstanceId!)
      .sort();

  test('a command goes to the nodes of a group, and says so where there are none', async () => {
    const [first, second] = [
      await makeNode(flotilla.context, { nodeId: nodeIdOf(1), tags: { role: 'web' } }),
      await makeNode(flotilla.context, { nodeId: nodeIdOf(2), tags: { role: 'web', env: 'prod' } }),
    ];
    await makeNode(flotilla.context, { tags: { role: 'db' } });
    await makeDocument('Deploy', { role: 'web' });
    await make('web');
    await make('empty', queryOf([{ Key: 'role', Values: ['none'] }]));

    const toAll = await send(group('web'));
    expect(await commandOf(toAll)).toMatchObject({ TargetCount: 2, Targets: [group('web')] });
    expect(await nodesOf(toAll)).toEqual([first, second]);
    const toSome = await send(
      group('web'),
      { Key: 'tag:env', Values: ['prod'] },
      { Key: 'resource-groups:ResourceTypeFilters', Values: ['AWS::SSM::ManagedInstance'] },
    );
    expect(await commandOf(toSome)).toMatchObject({ TargetCount: 1 });
    expect(await nodesOf(toSome)).toEqual([second]);
    for (const targets of [
      [group('empty')],
      [group('web'), { Key: 'resource-groups:ResourceTypeFilters', Values: ['AWS::EC2::INSTANCE'] }],
    ]) {
      const toNone = await send(...targets);
      expect(await commandOf(toNone)).toMatchObject({
        Status: 'Success',
        StatusDetails: 'NoInstancesInTag',
        TargetCount: 0,
      });
    }
    await expect(send(group('unknown'))).rejects.toEqual(refused('InvalidTarget', /unknown/));
    await expect(send({ Key: 'resource-groups:Name', Values: ['web', 'empty'] })).rejects.toEqual(
      refused('InvalidTarget'),
    );
  });

  test('an association is of the nodes of its group, as the group and its query come and go', async () => {
    const { state, context } = flotilla;
    const loops = [
      startDispatcher({ state, routes, load: loadHandler, context }),
      startTimers({ state, handlers: timers, context }),
    ];
    onTestFinished(async () => {
      for (const loop of loops) await loop.stop();
    });
    const node = await makeNode(flotilla.context, { tags: { role: 'web' } });
    const credentials = await flotilla.keyForNode(node);
    const ofNode = async (): Promise<string[]> =>
      (
        (await flotilla.ssm('ListInstanceAssociations', { InstanceId: node }, credentials)).json['Associations'] as {
          AssociationId: string;
        }[]
      ).map(({ AssociationId }) => AssociationId);
    const associate = async (...Targets: Target[]): Promise<string> =>
      (
        await ssm.send(
          new CreateAssociationCommand({ Name: 'AWS-RunShellScript', Parameters: { commands: ['true'] }, Targets }),
        )
      ).AssociationDescription!.AssociationId!;
    const listed = async (key: 'ResourceGroupName' | 'InstanceId', value: string) =>
      (await ssm.send(new ListAssociationsCommand({ AssociationFilterList: [{ key, value }] }))).Associations!.map(
        ({ AssociationId }) => AssociationId!,
      );
    await make('web');
    await make('other', queryOf([{ Key: 'role', Values: ['none'] }]));
    const [association, other] = [await associate(group('web')), await associate(group('other'))];
    await expect.poll(ofNode).toEqual([association]);
    expect(await listed('ResourceGroupName', 'web')).toEqual([association]);
    expect(await listed('InstanceId', node)).toEqual([association]);

    await groups.send(new UpdateGroupQueryCommand({ Group: 'other', ResourceQuery: queryOf([{ Key: 'role' }]) }));
    await expect.poll(async () => (await ofNode()).sort()).toEqual([association, other].sort());
    await groups.send(new DeleteGroupCommand({ Group: 'web' }));
    await expect.poll(ofNode).toEqual([other]);
    expect(await listed('InstanceId', node)).toEqual([other]);

    await expect(associate(group('unknown'))).rejects.toEqual(refused('InvalidTarget', /unknown/));
    await make('six-values', queryOf([{ Key: 'role', Values: ['1', '2', '3', '4', '5', '6'] }]));
    await make('six-keys', queryOf(['1', '2', '3', '4', '5', '6'].map((Key) => ({ Key }))));
    for (const name of ['six-values', 'six-keys'])
      await expect(associate(group(name))).rejects.toEqual(refused('InvalidTarget', /at most five/));
  });
});
