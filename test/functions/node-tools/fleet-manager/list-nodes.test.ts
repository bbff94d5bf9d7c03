import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { recordPing, type NodeInformation } from '../../../../functions/nodes/index.ts';
import { room as fleetManagerRoom } from '../../../../functions/node-tools/fleet-manager/room.ts';
import { testContext, type TestContext } from '../../../support/context.ts';
import { makeNode, nodeIdOf } from '../../nodes/nodes-fixture.ts';

const operations = fleetManagerRoom.operations.ssm;

type Filter = NonNullable<Parameters<typeof operations.ListNodes>[0]['Filters']>[number];
type Aggregator = Parameters<typeof operations.ListNodesSummary>[0]['Aggregators'][number];

let fixture: TestContext;
beforeEach(() => (fixture = testContext()));
afterEach(() => fixture.close());

const list = (...Filters: Filter[]) => operations.ListNodes(Filters.length === 0 ? {} : { Filters }, fixture.as());
const ids = async (...filters: Filter[]): Promise<(string | undefined)[]> =>
  ((await list(...filters)).Nodes ?? []).map(({ Id }) => Id);
const by = (AttributeName: Aggregator['AttributeName'], ...Aggregators: Aggregator[]): Aggregator => ({
  AggregatorType: 'Count',
  TypeName: 'Instance',
  AttributeName,
  ...(Aggregators.length === 0 ? {} : { Aggregators }),
});

/** A node that has reported. */
async function report(number: number, information: NodeInformation): Promise<string> {
  const node = await makeNode(fixture.context, { nodeId: nodeIdOf(number) });
  await recordPing(fixture.context, node, information);
  return node;
}

describe('ListNodes', () => {
  test('shows a node, its owner and Region', async () => {
    const node = await report(1, {
      agentName: 'amazon-ssm-agent',
      agentVersion: '3.3.0.0',
      platformType: 'Linux',
      platformName: 'Debian GNU/Linux',
      platformVersion: '12',
      ipAddress: '192.0.2.2',
      computerName: 'till',
    });
    const seen = new Date(fixture.clock.now());
    fixture.clock.advance(60_000);
    expect(await list()).toEqual({
      Nodes: [
        {
          Id: node,
          CaptureTime: seen,
          Owner: { AccountId: '123456789012' },
          Region: 'us-east-1',
          NodeType: {
            Instance: {
              AgentType: 'amazon-ssm-agent',
              AgentVersion: '3.3.0.0',
              ComputerName: 'till',
              InstanceStatus: 'Active',
              IpAddress: '192.0.2.2',
              ManagedStatus: 'Managed',
              PlatformName: 'Debian GNU/Linux',
              PlatformType: 'Linux',
              PlatformVersion: '12',
              ResourceType: 'ManagedInstance',
              SourceId: node,
              SourceType: 'AWS::SSM::ManagedInstance',
            },
          },
        },
      ],
    });
  });

  test('finds by each key and operator', async () => {
    const web = await report(1, {
      agentName: 'flotilla-agent',
      agentVersion: '1.0.0',
      platformType: 'Linux',
      platformName: 'Debian GNU/Linux',
      platformVersion: '12',
      ipAddress: '192.0.2.1',
      computerName: 'web-1',
      availabilityZone: 'us-east-1a',
      availabilityZoneId: 'use1-az1',
    });
    const db = await report(2, {
      agentName: 'amazon-ssm-agent',
      agentVersion: '3.0.0',
      platformType: 'Windows',
      platformName: 'Microsoft Windows Server 2022',
      platformVersion: '10.0',
      ipAddress: '192.0.2.2',
      computerName: 'db-1',
    });
    const unseen = await makeNode(fixture.context, { nodeId: nodeIdOf(3) });
    const all = [web, db, unseen];
    const one = (Key: Filter['Key'], Values: string[], Type?: Filter['Type']) =>
      ids({ Key, Values, ...(Type === undefined ? {} : { Type }) });
    expect(await one('AgentType', ['flotilla-agent'])).toEqual([web]);
    expect(await one('AgentVersion', ['1.0.0', '3.0.0'])).toEqual([web, db]);
    expect(await one('ComputerName', ['web'], 'BeginWith')).toEqual([web]);
    expect(await one('ComputerName', ['db-1'])).toEqual([db]);
    expect(await one('InstanceId', [unseen])).toEqual([unseen]);
    expect(await one('InstanceId', ['no node'])).toEqual([]);
    expect(await one('InstanceStatus', ['Active'])).toEqual([web, db]);
    expect(await one('InstanceStatus', ['Active'], 'NotEqual')).toEqual([unseen]);
    expect(await one('IpAddress', ['192.0.2.'], 'BeginWith')).toEqual([web, db]);
    expect(await one('PlatformName', ['Debian GNU/Linux'])).toEqual([web]);
    expect(await one('PlatformType', ['Windows'])).toEqual([db]);
    expect(await one('PlatformVersion', ['12'], 'NotEqual')).toEqual([db, unseen]);
    expect(await one('AvailabilityZone', ['us-east-1a'])).toEqual([web]);
    expect(await one('AvailabilityZoneId', ['use1-az1'])).toEqual([web]);
    expect(await one('SourceId', [db])).toEqual([db]);
    for (const filter of [
      { Key: 'ManagedStatus', Values: ['All'] },
      { Key: 'ManagedStatus', Values: ['Managed'] },
      { Key: 'Region', Values: ['us-east-1'] },
      { Key: 'AccountId', Values: ['123456789012'] },
      { Key: 'ResourceType', Values: ['ManagedInstance'] },
      { Key: 'SourceType', Values: ['AWS::SSM'], Type: 'BeginWith' },
      { Key: 'OrganizationalUnitId', Values: ['ou'], Type: 'NotEqual' },
    ] as const)
      expect(await one(filter.Key, [...filter.Values], 'Type' in filter ? filter.Type : undefined)).toEqual(all);
    for (const filter of [
      { Key: 'ManagedStatus', Values: ['Unmanaged'] },
      { Key: 'Region', Values: ['eu-west-1'] },
      { Key: 'OrganizationalUnitPath', Values: ['o-1/'] },
      { Key: 'SourceLocation', Values: ['here'] },
    ] as const)
      expect(await one(filter.Key, [...filter.Values])).toEqual([]);
    expect(
      await ids(
        { Key: 'PlatformType', Values: ['Linux', 'Windows'] },
        { Key: 'ComputerName', Values: ['web'], Type: 'BeginWith' },
      ),
    ).toEqual([web]);
  });

  test('refuses what it cannot look for', async () => {
    await expect(list({ Key: 'ManagedStatus', Values: ['Some'] })).rejects.toMatchObject({ code: 'InvalidFilter' });
    await expect(operations.ListNodes({ SyncName: 'AWS-QuickSetup-ManagedNode' }, fixture.as())).rejects.toMatchObject({
      code: 'ResourceDataSyncNotFoundException',
    });
    const token = (await operations.ListNodesSummary({ Aggregators: [by('Region')] }, fixture.as())).NextToken;
    await expect(operations.ListNodes({ NextToken: token ?? 'x' }, fixture.as())).rejects.toMatchObject({
      code: 'InvalidNextToken',
    });
  });
});

describe('ListNodesSummary', () => {
  const summary = async (Aggregators: Aggregator[], Filters: Filter[] = []) =>
    (await operations.ListNodesSummary({ Aggregators, ...(Filters.length === 0 ? {} : { Filters }) }, fixture.as()))
      .Summary;

  test('counts by one attribute, by two, and by several at once', async () => {
    await report(1, { platformType: 'Linux', platformName: 'Debian', agentVersion: '1.0' });
    await report(18, { platformType: 'Linux', platformName: 'Debian', agentVersion: '1.1' });
    await report(2, { platformType: 'Linux', platformName: 'Ubuntu', agentVersion: '1.1' });
    await makeNode(fixture.context, { nodeId: nodeIdOf(3) });
    expect(await summary([by('PlatformType')])).toEqual([{ PlatformType: 'Linux', Count: '3' }, { Count: '1' }]);
    expect(await summary([by('PlatformType', by('PlatformName'))])).toEqual([
      { PlatformType: 'Linux', PlatformName: 'Debian', Count: '2' },
      { PlatformType: 'Linux', PlatformName: 'Ubuntu', Count: '1' },
      { Count: '1' },
    ]);
    expect(await summary([by('Region'), by('SourceType', by('ResourceType'))])).toEqual([
      { Region: 'us-east-1', Count: '4' },
      { SourceType: 'AWS::SSM::ManagedInstance', ResourceType: 'ManagedInstance', Count: '4' },
    ]);
    expect(await summary([by('AgentVersion')], [{ Key: 'PlatformName', Values: ['Deb'], Type: 'BeginWith' }])).toEqual([
      { AgentVersion: '1.0', Count: '1' },
      { AgentVersion: '1.1', Count: '1' },
    ]);
    // These two are not what nodes are counted by: the nodes are read.
    expect(await summary([by('AgentVersion')], [{ Key: 'InstanceStatus', Values: ['Active'] }])).toEqual([
      { AgentVersion: '1.0', Count: '1' },
      { AgentVersion: '1.1', Count: '2' },
    ]);
    expect(await summary([by('PlatformName')], [{ Key: 'InstanceId', Values: [nodeIdOf(2), nodeIdOf(3)] }])).toEqual([
      { PlatformName: 'Ubuntu', Count: '1' },
      { Count: '1' },
    ]);
    expect(await summary([by('PlatformName')], [{ Key: 'Region', Values: ['eu-west-1'] }])).toEqual([]);
  });

  test('pages', async () => {
    for (let number = 0; number < 7; number++) await report(number, { agentVersion: `1.${number}` });
    const seen: unknown[] = [];
    for (let NextToken: string | undefined, first = true; first || NextToken !== undefined; first = false) {
      const page = await operations.ListNodesSummary(
        {
          Aggregators: [by('AgentVersion'), by('Region')],
          MaxResults: 3,
          ...(NextToken === undefined ? {} : { NextToken }),
        },
        fixture.as(),
      );
      seen.push(...(page.Summary ?? []));
      NextToken = page.NextToken;
    }
    expect(seen).toEqual([
      ...Array.from({ length: 7 }, (_, number) => ({ AgentVersion: `1.${number}`, Count: '1' })),
      { Region: 'us-east-1', Count: '7' },
    ]);
  });

  test.each([
    ['three deep', [by('Region', by('PlatformType', by('PlatformName')))]],
    ['one within itself', [by('Region', by('Region'))]],
  ])('refuses %s', async (_what, aggregators) => {
    await expect(summary(aggregators)).rejects.toMatchObject({ code: 'InvalidAggregatorException' });
  });

  test('counters and nodes say the same', async () => {
    const platforms = fc.constantFrom('Debian', 'Ubuntu', 'RHEL');
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(20), platforms, fc.constantFrom('1.0', '2.0')), { maxLength: 15 }),
        async (reports) => {
          for (const [number, platformName, agentVersion] of reports)
            await report(number, { platformName, agentVersion }).catch(() =>
              recordPing(fixture.context, nodeIdOf(number), { platformName, agentVersion }),
            );
          const Aggregators = [by('PlatformName', by('AgentVersion')), by('AgentVersion')];
          // True of every node, and not known of a kind.
          expect(await summary(Aggregators)).toEqual(
            await summary(Aggregators, [{ Key: 'ComputerName', Values: ['nobody'], Type: 'NotEqual' }]),
          );
        },
      ),
      { numRuns: 15 },
    );
  });
});
