/** An association from CreateAssociation to the node and back: AWS's own client, a real gateway, a real agent. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  CreateActivationCommand,
  CreateAssociationCommand,
  DeleteAssociationCommand,
  DescribeAssociationCommand,
  DescribeInstanceInformationCommand,
  ListAssociationsCommand,
  ListInventoryEntriesCommand,
  StartAssociationsOnceCommand,
} from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { NodeClient } from '../functions/gateway/gateway-fixture.ts';
import { Machine, openNodeFixture, type NodeFixture } from './node-fixture.ts';

let fixture: NodeFixture;
beforeEach(async () => {
  fixture = await openNodeFixture();
});
afterEach(() => fixture.close());

const everyNode = [{ Key: 'InstanceIds', Values: ['*'] }];
const overview = async (AssociationId: string) =>
  (await fixture.client.send(new DescribeAssociationCommand({ AssociationId }))).AssociationDescription?.Overview;

async function associate(more: object = {}): Promise<string> {
  const { AssociationDescription: made } = await fixture.client.send(
    new CreateAssociationCommand({
      Name: 'AWS-RunShellScript',
      Parameters: { commands: ['true'] },
      Targets: everyNode,
      ...more,
    }),
  );
  expect(made?.Overview).toEqual({ Status: 'Pending', DetailedStatus: 'Creating' });
  return made?.AssociationId ?? '';
}

describe('on the wire', () => {
  test('a job wakes the node; what it lists is due; what it tells is how the association stands', async () => {
    const machine = await Machine.registered(fixture);
    const credentials = await machine.credentials();
    const node = new NodeClient(fixture, machine.nodeId, credentials);
    const channel = await node.connect();
    const id = await associate({ ScheduleExpression: 'rate(30 minutes)' });

    const job = await channel.next();
    expect(job.json).toMatchObject({ Topic: `aws.ssm.sendCommand.us-east-1.${machine.nodeId}` });
    expect(JSON.parse(job.json['Content'] ?? '')).toMatchObject({
      DocumentName: 'AWS-RefreshAssociation',
      Parameters: { associationIds: [id] },
      DocumentContent: { schemaVersion: '1.2' },
    });
    // Of a list, amazon-ssm-agent forgets the ids, and it runs all that the node has.
    expect(JSON.parse(job.json['Content'] ?? '')).toMatchObject({
      DocumentContent: {
        runtimeConfig: { 'aws:refreshAssociation': { properties: { associationIds: '{{ associationIds }}' } } },
      },
    });
    channel.acknowledge(job);
    // What the agent says of the job itself is acknowledged, and no command comes of it.
    const said = channel.reply(job.json['JobId'] ?? '', {
      documentStatus: 'Success',
      documentTraceOutput: '',
      runtimeStatus: {},
    });
    expect(await channel.next()).toMatchObject({
      messageType: 'agent_job_reply_ack',
      json: { acknowledgedMessageId: said },
    });

    const listed = async () =>
      (await machine.ssm('ListInstanceAssociations', { InstanceId: machine.nodeId, MaxResults: 20 }, credentials)).json[
        'Associations'
      ] as Record<string, unknown>[];
    expect(await listed()).toMatchObject([
      {
        AssociationId: id,
        Name: 'AWS-RunShellScript',
        DocumentVersion: '1',
        DetailedStatus: 'Pending',
        Parameters: { commands: ['true'] },
      },
    ]);
    const tell = (Status: string, more: object = {}) =>
      machine.ssm(
        'UpdateInstanceAssociationStatus',
        {
          AssociationId: id,
          InstanceId: machine.nodeId,
          ExecutionResult: { Status, ErrorCode: '', ExecutionDate: fixture.clock.now() / 1000, ...more },
        },
        credentials,
      );
    for (const status of ['Pending', 'InProgress', 'Success'])
      expect((await tell(status, { ExecutionSummary: 'done' })).status).toBe(200);
    await vi.waitFor(async () =>
      expect(await overview(id)).toEqual({
        Status: 'Success',
        DetailedStatus: 'Success',
        AssociationStatusAggregatedCount: { Success: 1 },
      }),
    );
    expect(await listed()).toMatchObject([
      { DetailedStatus: 'Success', LastExecutionDate: fixture.clock.now() / 1000 },
    ]);

    // Due again: another job, by the clock alone.
    fixture.clock.advance(30 * 60_000);
    const again = await channel.next();
    expect(JSON.parse(again.json['Content'] ?? '')).toMatchObject({ Parameters: { associationIds: [id] } });
    expect(again.json['JobId']).not.toBe(job.json['JobId']);
    expect(await listed()).toMatchObject([{ DetailedStatus: 'Pending' }]);
  });

  test('AWS’s errors, as its client knows them', async () => {
    await expect(
      fixture.client.send(new CreateAssociationCommand({ Name: 'Nothing', Targets: everyNode })),
    ).rejects.toMatchObject({ name: 'InvalidDocument' });
    await expect(
      fixture.client.send(
        new CreateAssociationCommand({
          Name: 'AWS-RunShellScript',
          Parameters: { commands: ['true'] },
          Targets: everyNode,
          ScheduleExpression: 'rate(5 minutes)',
        }),
      ),
    ).rejects.toMatchObject({ name: 'InvalidSchedule' });
    await expect(
      fixture.client.send(
        new StartAssociationsOnceCommand({ AssociationIds: ['00000000-0000-4000-8000-000000000000'] }),
      ),
    ).rejects.toMatchObject({ name: 'AssociationDoesNotExist' });
    const id = await associate();
    expect((await fixture.client.send(new ListAssociationsCommand({}))).Associations).toMatchObject([
      { AssociationId: id, Targets: everyNode },
    ]);
    await fixture.client.send(new DeleteAssociationCommand({ AssociationId: id }));
    await expect(overview(id)).rejects.toMatchObject({ name: 'AssociationDoesNotExist' });
  });
});

describe('what a node may read', () => {
  const denied = expect.stringMatching('AccessDeniedException') as unknown;

  test('only the associations of which it is a target, whichever way it names them', async () => {
    const [one, other] = [await Machine.registered(fixture), await Machine.registered(fixture)];
    const [ofOne, ofOther] = [await one.credentials(), await other.credentials()];
    const secret = await associate({
      Parameters: { commands: ['echo only for one'] },
      Targets: [{ Key: 'InstanceIds', Values: [one.nodeId] }],
    });
    const shared = await associate();
    expect(
      (await one.ssm('DescribeAssociation', { AssociationId: secret }, ofOne)).json['AssociationDescription'],
    ).toMatchObject({ AssociationId: secret, Parameters: { commands: ['echo only for one'] } });
    expect((await other.ssm('DescribeAssociation', { AssociationId: shared }, ofOther)).status).toBe(200);

    const refused = await other.ssm('DescribeAssociation', { AssociationId: secret }, ofOther);
    expect(refused).toMatchObject({ status: 400, json: { __type: denied } });
    expect(JSON.stringify(refused.json)).not.toContain('echo');
    const absent = await other.ssm(
      'DescribeAssociation',
      { AssociationId: '00000000-0000-4000-8000-000000000000' },
      ofOther,
    );
    expect(absent.json).toEqual(refused.json);

    await fixture.client.send(
      new CreateAssociationCommand({
        Name: 'AWS-RunShellScript',
        InstanceId: one.nodeId,
        Parameters: { commands: ['true'] },
      }),
    );
    const byName = { Name: 'AWS-RunShellScript', InstanceId: one.nodeId };
    expect((await one.ssm('DescribeAssociation', byName, ofOne)).status).toBe(200);
    expect((await other.ssm('DescribeAssociation', byName, ofOther)).json).toMatchObject({ __type: denied });
    for (const [operation, input] of [
      ['ListInstanceAssociations', { InstanceId: one.nodeId }],
      [
        'UpdateInstanceAssociationStatus',
        { InstanceId: one.nodeId, AssociationId: secret, ExecutionResult: { Status: 'Success' } },
      ],
      ['ListAssociations', {}],
    ] as const)
      expect((await other.ssm(operation, input, ofOther)).json).toMatchObject({ __type: denied });
  });
});

describe('with the agent', () => {
  let agent: ChildProcess | undefined;
  afterEach(async () => {
    if (agent === undefined || agent.exitCode !== null) return;
    agent.kill('SIGTERM');
    await once(agent, 'exit');
  });

  const agentFile = path.resolve('agent/main.js');

  /** Registers this machine and runs its agent until the test ends. */
  async function startAgent(): Promise<string> {
    const { ActivationId = '', ActivationCode = '' } = await fixture.client.send(
      new CreateActivationCommand({ IamRole: 'NodeRole' }),
    );
    const ca = path.join(fixture.folder, 'ca.pem');
    const state = path.join(fixture.folder, 'agent');
    writeFileSync(ca, fixture.ca);
    mkdirSync(state, { recursive: true });
    const register = spawn(
      process.execPath,
      [
        agentFile,
        'register',
        '--code',
        ActivationCode,
        '--id',
        ActivationId,
        '--endpoint',
        `http://127.0.0.1:${fixture.port}`,
        '--node-endpoint',
        `https://127.0.0.1:${fixture.port}`,
        '--ca',
        ca,
        '--state',
        state,
      ],
      { stdio: 'inherit' },
    );
    expect((await once(register, 'exit'))[0]).toBe(0);
    agent = spawn(process.execPath, [agentFile, 'run', '--state', state, '--ca', ca, '--log-level', 'error'], {
      stdio: 'inherit',
    });
    const nodes = await vi.waitFor(async () => {
      const { InstanceInformationList: list = [] } = await fixture.client.send(
        new DescribeInstanceInformationCommand({}),
      );
      expect(list[0]?.PingStatus).toBe('Online');
      return list;
    });
    return nodes[0]?.InstanceId ?? '';
  }

  test('inventory is collected by an association, and a script run by another', async () => {
    const collect = await associate({
      Name: 'AWS-GatherSoftwareInventory',
      Parameters: {},
      ScheduleExpression: 'rate(30 minutes)',
    });
    const node = await startAgent();
    const mark = path.join(fixture.folder, 'mark');
    const script = await associate({ Parameters: { commands: [`echo ran >> ${mark}`] } });
    for (const id of [collect, script])
      await vi.waitFor(
        async () =>
          expect(await overview(id)).toMatchObject({
            Status: 'Success',
            AssociationStatusAggregatedCount: { Success: 1 },
          }),
        40_000,
      );
    expect(readFileSync(mark, 'utf8')).toBe('ran\n');
    const { Entries = [] } = await fixture.client.send(
      new ListInventoryEntriesCommand({ InstanceId: node, TypeName: 'AWS:Application' }),
    );
    expect(Entries.map(({ Name }) => Name)).toContain('bash');
  });
});
