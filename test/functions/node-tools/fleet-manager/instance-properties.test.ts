import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { recordPing } from '../../../../functions/nodes/index.ts';
import { room as fleetManagerRoom } from '../../../../functions/node-tools/fleet-manager/room.ts';
import { testContext, type TestContext } from '../../../support/context.ts';
import { makeNode, nodeIdOf } from '../../nodes/nodes-fixture.ts';

const operations = fleetManagerRoom.operations.ssm;

type Input = Parameters<typeof operations.DescribeInstanceProperties>[0];

let fixture: TestContext;
let linux: string;
let windows: string;
let unseen: string;
beforeEach(async () => {
  fixture = testContext();
  const { context } = fixture;
  [linux, windows, unseen] = [
    await makeNode(context, { nodeId: nodeIdOf(1), tags: { env: 'prod' } }),
    await makeNode(context, { nodeId: nodeIdOf(2) }),
    await makeNode(context, { nodeId: nodeIdOf(3) }),
  ];
  await recordPing(context, linux, {
    platformType: 'Linux',
    platformName: 'Debian GNU/Linux',
    agentName: 'flotilla-agent',
    agentVersion: '3.10.0.0',
    computerName: 'web',
    ipAddress: '192.0.2.1',
    availabilityZone: 'us-east-1a',
  });
  await recordPing(context, windows, { platformType: 'Windows', agentVersion: '3.9.0.0' });
});
afterEach(() => fixture.close());

const call = (input: Input) => operations.DescribeInstanceProperties(input, fixture.as());
const ids = async (input: Input): Promise<(string | undefined)[]> =>
  ((await call(input)).InstanceProperties ?? []).map((node) => node.InstanceId);
const by = (
  Key: string,
  Operator: 'Equal' | 'NotEqual' | 'BeginWith' | 'LessThan' | 'GreaterThan' | undefined,
  ...Values: string[]
) => ids({ FiltersWithOperator: [{ Key, Values, Operator }] });

describe('DescribeInstanceProperties', () => {
  test('shows what is known of a hybrid node', async () => {
    expect((await call({ FiltersWithOperator: [{ Key: 'InstanceIds', Values: [linux] }] })).InstanceProperties).toEqual(
      [
        {
          InstanceId: linux,
          PingStatus: 'Online',
          LastPingDateTime: new Date(fixture.clock.now()),
          AgentVersion: '3.10.0.0',
          PlatformType: 'Linux',
          PlatformName: 'Debian GNU/Linux',
          ActivationId: '11111111-2222-4333-8444-555555555555',
          IamRole: 'NodeRole',
          RegistrationDate: new Date(fixture.clock.now()),
          ResourceType: 'ManagedInstance',
          IPAddress: '192.0.2.1',
          ComputerName: 'web',
          SourceId: linux,
          SourceType: 'AWS::SSM::ManagedInstance',
          AvailabilityZone: 'us-east-1a',
        },
      ],
    );
  });

  test('finds by each key and operator', async () => {
    expect(await ids({})).toEqual([linux, windows, unseen]);
    expect(await by('AgentVersion', 'LessThan', '3.10.0.0')).toEqual([windows]);
    expect(await by('AgentVersion', 'GreaterThan', '3.9')).toEqual([linux]);
    expect(await by('AgentVersion', 'BeginWith', '3.')).toEqual([linux, windows]);
    expect(await by('AgentVersion', 'NotEqual', '3.9.0.0')).toEqual([linux, unseen]);
    expect(await by('PlatformTypes', undefined, 'Windows')).toEqual([windows]);
    expect(await by('PingStatus', 'NotEqual', 'Online')).toEqual([unseen]);
    expect(await by('InstanceIds', 'NotEqual', linux, unseen)).toEqual([windows]);
    expect(await by('InstanceIds', 'BeginWith', linux.slice(0, 4))).toEqual([linux]);
    expect(await by('ActivationIds', 'Equal', '11111111-2222-4333-8444-555555555555')).toEqual([
      linux,
      windows,
      unseen,
    ]);
    expect(await by('IamRole', 'BeginWith', 'Node')).toEqual([linux, windows, unseen]);
    expect(await by('ResourceType', 'Equal', 'EC2Instance')).toEqual([]);
    expect(await by('AssociationStatus', 'NotEqual', 'Failed')).toEqual([linux, windows, unseen]);
    expect(await by('tag:env', 'Equal', 'prod')).toEqual([linux]);
    expect(await by('DocumentName', 'Equal', 'AWS-RunShellScript')).toEqual([linux]);
    expect(await by('DocumentName', 'NotEqual', 'AWS-RunShellScript')).toEqual([windows, unseen]);
    expect(
      await ids({
        InstancePropertyFilterList: [{ key: 'PlatformTypes', valueSet: ['Linux', 'Windows'] }],
        FiltersWithOperator: [{ Key: 'AgentVersion', Values: ['3.9.0.0'] }],
      }),
    ).toEqual([windows]);
    expect(
      await ids({ InstancePropertyFilterList: [{ key: 'DocumentName', valueSet: ['AWS-RunShellScript'] }] }),
    ).toEqual([linux]);
  });

  test.each([
    ['an unknown key', { FiltersWithOperator: [{ Key: 'Foo', Values: ['x'] }] }, 'InvalidFilterKey'],
    [
      'a value that is none',
      { FiltersWithOperator: [{ Key: 'PingStatus', Values: ['Up'] }] },
      'InvalidInstancePropertyFilterValue',
    ],
    [
      'a tag that is not equal',
      { FiltersWithOperator: [{ Key: 'tag:env', Values: ['x'], Operator: 'NotEqual' as const }] },
      'InvalidInstancePropertyFilterValue',
    ],
    [
      'a document that begins with',
      { FiltersWithOperator: [{ Key: 'DocumentName', Values: ['AWS'], Operator: 'BeginWith' as const }] },
      'InvalidInstancePropertyFilterValue',
    ],
    [
      'a document that is none',
      { FiltersWithOperator: [{ Key: 'DocumentName', Values: ['None'] }] },
      'InvalidDocument',
    ],
    [
      'an activation that cannot be one',
      { InstancePropertyFilterList: [{ key: 'ActivationIds' as const, valueSet: ['x'] }] },
      'InvalidActivationId',
    ],
    [
      'a node that cannot be one',
      { InstancePropertyFilterList: [{ key: 'InstanceIds' as const, valueSet: ['x'] }] },
      'InvalidInstanceId',
    ],
    ['a token of another list', { NextToken: 'x' }, 'InvalidNextToken'],
  ])('refuses %s', async (_what, input, code) => {
    await expect(call(input)).rejects.toMatchObject({ code });
  });
});
