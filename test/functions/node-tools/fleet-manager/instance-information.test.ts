import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { agentVersion } from '../../../../agent/version.ts';
import { associationChange, recordPing } from '../../../../functions/nodes/index.ts';
import { room as fleetManagerRoom } from '../../../../functions/node-tools/fleet-manager/room.ts';
import { testContext, type TestContext } from '../../../support/context.ts';
import { makeNode, nodeIdOf } from '../../nodes/nodes-fixture.ts';

const operations = fleetManagerRoom.operations.ssm;

let fixture: TestContext;
beforeEach(() => (fixture = testContext()));
afterEach(() => fixture.close());

const describeNodes = (input: Parameters<typeof operations.DescribeInstanceInformation>[0] = {}) =>
  operations.DescribeInstanceInformation(input, fixture.as());
const ids = async (input: Parameters<typeof describeNodes>[0]): Promise<(string | undefined)[]> =>
  ((await describeNodes(input)).InstanceInformationList ?? []).map((node) => node.InstanceId);

describe('DescribeInstanceInformation', () => {
  test('shows what a node reported', async () => {
    const node = await makeNode(fixture.context);
    await recordPing(fixture.context, node, {
      agentName: 'amazon-ssm-agent',
      agentVersion: '3.3.0.0',
      platformType: 'Linux',
      platformName: 'Debian GNU/Linux',
      platformVersion: '12',
      ipAddress: '192.0.2.2',
      computerName: 'till',
    });
    fixture.clock.advance(60_000);
    expect((await describeNodes()).InstanceInformationList).toEqual([
      {
        InstanceId: node,
        PingStatus: 'Online',
        LastPingDateTime: new Date(fixture.clock.now() - 60_000),
        AgentVersion: '3.3.0.0',
        PlatformType: 'Linux',
        PlatformName: 'Debian GNU/Linux',
        PlatformVersion: '12',
        ActivationId: '11111111-2222-4333-8444-555555555555',
        IamRole: 'NodeRole',
        RegistrationDate: new Date(fixture.clock.now() - 60_000),
        ResourceType: 'ManagedInstance',
        IPAddress: '192.0.2.2',
        ComputerName: 'till',
        SourceId: node,
        SourceType: 'AWS::SSM::ManagedInstance',
      },
    ]);
  });

  test('shows how its associations stand, and whether its agent is the newest', async () => {
    const { context, state } = fixture;
    const node = await makeNode(context);
    const shown = async () => (await describeNodes()).InstanceInformationList?.[0];
    expect(await shown()).not.toHaveProperty('AssociationStatus');
    await state.transact(associationChange(node, { to: 'Pending' }));
    await recordPing(context, node, { agentName: 'flotilla-agent', agentVersion: '0.0.9.0' });
    expect(await shown()).toMatchObject({
      IsLatestVersion: false,
      AssociationStatus: 'Pending',
      AssociationOverview: { DetailedStatus: 'Pending', InstanceAssociationStatusAggregatedCount: { Pending: 1 } },
    });
    await state.transact(associationChange(node, { from: 'Pending', to: 'Success', ranAt: 5000 }));
    await recordPing(context, node, { agentVersion });
    expect(await shown()).toMatchObject({
      IsLatestVersion: true,
      AssociationStatus: 'Success',
      LastAssociationExecutionDate: new Date(5000),
      LastSuccessfulAssociationExecutionDate: new Date(5000),
      AssociationOverview: { InstanceAssociationStatusAggregatedCount: { Success: 1 } },
    });
    await state.transact(associationChange(node, { to: 'Failed', ranAt: 9000 }));
    expect(await shown()).toMatchObject({
      AssociationStatus: 'Failed',
      LastAssociationExecutionDate: new Date(9000),
      LastSuccessfulAssociationExecutionDate: new Date(5000),
      AssociationOverview: { InstanceAssociationStatusAggregatedCount: { Success: 1, Failed: 1 } },
    });
    expect(await ids({ Filters: [{ Key: 'AssociationStatus', Values: ['Failed'] }] })).toEqual([node]);
    expect(await ids({ Filters: [{ Key: 'AssociationStatus', Values: ['Success', 'Pending'] }] })).toEqual([]);
    for (const from of ['Success', 'Failed'] as const) await state.transact(associationChange(node, { from }));
    expect(await shown()).not.toHaveProperty('AssociationStatus');
  });

  test('finds by each filter: values by or, filters by and', async () => {
    const linux = await makeNode(fixture.context, { nodeId: nodeIdOf(1), tags: { env: 'prod' } });
    const windows = await makeNode(fixture.context, { nodeId: nodeIdOf(2), tags: { env: 'test' } });
    const unseen = await makeNode(fixture.context, { nodeId: nodeIdOf(3) });
    await recordPing(fixture.context, linux, { platformType: 'Linux', agentVersion: '3.3.0.0' });
    await recordPing(fixture.context, windows, { platformType: 'Windows', agentVersion: '3.2.0.0' });
    const by = (Key: string, ...Values: string[]) => ids({ Filters: [{ Key, Values }] });
    expect(await by('PlatformTypes', 'Linux')).toEqual([linux]);
    expect(await by('PlatformType', 'Linux', 'Windows')).toEqual([linux, windows]);
    expect(await by('PingStatus', 'Inactive')).toEqual([unseen]);
    expect(await by('AgentVersion', '3.2.0.0')).toEqual([windows]);
    expect(await by('InstanceIds', unseen, 'mi-0ffffffffffffffff', linux)).toEqual([linux, unseen]);
    expect(await by('tag:env', 'prod')).toEqual([linux]);
    expect(await by('tag-key', 'env')).toEqual([linux, windows]);
    expect(await by('IamRole', 'NodeRole')).toHaveLength(3);
    expect(await by('ResourceType', 'EC2Instance')).toEqual([]);
    expect(await by('SourceIds', windows)).toEqual([windows]);
    expect(await by('AssociationStatus', 'Success')).toEqual([]);
    expect(
      await ids({
        Filters: [
          { Key: 'PingStatus', Values: ['Online'] },
          { Key: 'PlatformTypes', Values: ['Windows'] },
        ],
      }),
    ).toEqual([windows]);
    // Two filters of one key are two filters.
    expect(
      await ids({
        Filters: [
          { Key: 'InstanceIds', Values: [linux, windows] },
          { Key: 'InstanceIds', Values: [windows, unseen] },
        ],
      }),
    ).toEqual([windows]);
    expect(await ids({ InstanceInformationFilterList: [{ key: 'PlatformTypes', valueSet: ['Windows'] }] })).toEqual([
      windows,
    ]);
  });

  test.each([
    ['an unknown key', { Filters: [{ Key: 'Foo', Values: ['x'] }] }, 'InvalidFilterKey'],
    ['a key in another case', { Filters: [{ Key: 'pingstatus', Values: ['Online'] }] }, 'InvalidFilterKey'],
    ['a key that objects have', { Filters: [{ Key: 'constructor', Values: ['x'] }] }, 'InvalidFilterKey'],
    [
      'a value that is none',
      { Filters: [{ Key: 'PingStatus', Values: ['Up'] }] },
      'InvalidInstanceInformationFilterValue',
    ],
    [
      'tags beside other keys',
      {
        Filters: [
          { Key: 'tag:env', Values: ['x'] },
          { Key: 'PingStatus', Values: ['Online'] },
        ],
      },
      'InvalidFilterKey',
    ],
    [
      'a source that is none',
      { Filters: [{ Key: 'SourceTypes', Values: ['AWS'] }] },
      'InvalidInstanceInformationFilterValue',
    ],
    ['a malformed id', { Filters: [{ Key: 'InstanceIds', Values: ['web-1'] }] }, 'InvalidInstanceId'],
    [
      'both lists',
      {
        Filters: [{ Key: 'AgentVersion', Values: ['1'] }],
        InstanceInformationFilterList: [{ key: 'AgentVersion' as const, valueSet: ['1'] }],
      },
      'ValidationException',
    ],
    ['a token that is not ours', { NextToken: 'x' }, 'InvalidNextToken'],
  ])('refuses %s', async (_what, input, code) => {
    await expect(describeNodes(input)).rejects.toMatchObject({ code });
  });

  test('pages in the order of ids, ten at a time unless asked, whatever the filter', async () => {
    const all: string[] = [];
    for (let number = 0; number < 237; number++) {
      const node = await makeNode(fixture.context, { nodeId: nodeIdOf(number) });
      if (number % 3 === 0) await recordPing(fixture.context, node, { platformType: 'Linux' });
      if (number % 3 === 0) all.push(node);
    }
    all.sort();
    const seen: (string | undefined)[] = [];
    let pages = 0;
    for (let NextToken: string | undefined; ; pages++) {
      const page = await describeNodes({
        Filters: [{ Key: 'PlatformTypes', Values: ['Linux'] }],
        MaxResults: 20,
        ...(NextToken === undefined ? {} : { NextToken }),
      });
      seen.push(...(page.InstanceInformationList ?? []).map((node) => node.InstanceId));
      NextToken = page.NextToken;
      if (NextToken === undefined) break;
    }
    expect(seen).toEqual(all);
    expect(pages).toBe(3);
    expect((await describeNodes()).InstanceInformationList).toHaveLength(10);
  });

  test('a filter that lets nobody through reads so many nodes and goes on, one that cannot reads none', async () => {
    for (let number = 0; number < 1100; number++) await makeNode(fixture.context, { nodeId: nodeIdOf(number) });
    const nobody = { Filters: [{ Key: 'PingStatus', Values: ['Online'] }], MaxResults: 50 };
    const first = await describeNodes(nobody);
    expect([first.InstanceInformationList, typeof first.NextToken]).toEqual([[], 'string']);
    const last = await describeNodes({ ...nobody, NextToken: first.NextToken });
    expect([last.InstanceInformationList, last.NextToken]).toEqual([[], undefined]);
    expect(await describeNodes({ Filters: [{ Key: 'ResourceType', Values: ['EC2Instance'] }] })).toEqual({
      InstanceInformationList: [],
    });
    expect(await describeNodes({ Filters: [{ Key: 'AgentVersion', Values: ['9.9.9'] }] })).toEqual({
      InstanceInformationList: [],
    });
  });
});
