import {
  AddTagsToResourceCommand,
  CreateActivationCommand,
  DeleteActivationCommand,
  DeregisterManagedInstanceCommand,
  DescribeActivationsCommand,
  DescribeInstanceInformationCommand,
  GetConnectionStatusCommand,
  ListTagsForResourceCommand,
} from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { jsonLog } from '../../core/log.ts';
import { newIdentity } from '../support/node-identity.ts';
import { Machine, openNodeFixture, type NodeFixture } from './node-fixture.ts';

let fixture: NodeFixture;
const logged: string[] = [];
beforeEach(async () => {
  logged.length = 0;
  fixture = await openNodeFixture({ log: jsonLog((line) => logged.push(line), 'warn') });
});
afterEach(() => fixture.close());

const activate = (input: Partial<ConstructorParameters<typeof CreateActivationCommand>[0]> = {}) =>
  fixture.client.send(new CreateActivationCommand({ IamRole: 'NodeRole', ...input }));

describe('a machine becomes a managed node', () => {
  test('by an activation, and is Online once it has reported, with the tags of the activation', async () => {
    const machine = new Machine(fixture);
    expect(
      await machine.register(await activate({ DefaultInstanceName: 'till', Tags: [{ Key: 'env', Value: 'prod' }] })),
    ).toMatchObject({ status: 200, json: { InstanceId: expect.stringMatching(/^mi-[0-9a-f]{17}$/) as string } });

    const credentials = await machine.credentials();
    const report = {
      InstanceId: machine.nodeId,
      AgentName: 'amazon-ssm-agent',
      AgentStatus: 'Active',
      AgentVersion: '3.3.0.0',
      AvailabilityZone: '',
      PlatformType: 'Linux',
      PlatformName: 'Debian GNU/Linux',
      PlatformVersion: '12',
      IPAddress: '192.0.2.2',
      ComputerName: 'till',
      SSMConnectionChannel: '',
    };
    expect(await machine.ssm('UpdateInstanceInformation', report, credentials)).toEqual({ status: 200, json: {} });

    const { InstanceInformationList } = await fixture.client.send(
      new DescribeInstanceInformationCommand({ Filters: [{ Key: 'tag:env', Values: ['prod'] }] }),
    );
    expect(InstanceInformationList).toMatchObject([
      {
        InstanceId: machine.nodeId,
        Name: 'till',
        PingStatus: 'Online',
        PlatformName: 'Debian GNU/Linux',
        IamRole: 'NodeRole',
        ResourceType: 'ManagedInstance',
        RegistrationDate: new Date(fixture.clock.now()),
      },
    ]);
    expect(
      await fixture.client.send(
        new ListTagsForResourceCommand({ ResourceType: 'ManagedInstance', ResourceId: machine.nodeId }),
      ),
    ).toMatchObject({ TagList: [{ Key: 'env', Value: 'prod' }] });
    expect(await fixture.client.send(new GetConnectionStatusCommand({ Target: machine.nodeId }))).toMatchObject({
      Target: machine.nodeId,
      Status: 'notconnected',
    });
  });

  test('three at once on a limit of two: two get in, one does not, the count is two', async () => {
    const activation = await activate({ RegistrationLimit: 2 });
    const identities = [newIdentity(), newIdentity(), newIdentity()];
    const answers = await Promise.all(
      identities.map((identity) => new Machine(fixture, identity).register(activation)),
    );
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 200, 400]);
    expect(answers.find((answer) => answer.status === 400)?.json).toMatchObject({ __type: 'InvalidActivation' });
    const { ActivationList } = await fixture.client.send(new DescribeActivationsCommand({}));
    expect(ActivationList).toMatchObject([{ RegistrationLimit: 2, RegistrationsCount: 2 }]);
  });

  test('not with a wrong code, after the end of the activation, nor once it is deleted; who is in stays in', async () => {
    const activation = await activate({ RegistrationLimit: 9 });
    expect(
      (await new Machine(fixture).register({ ...activation, ActivationCode: 'wrong-wrong-wrong-wr' })).json,
    ).toMatchObject({ __type: 'InvalidActivation' });
    expect(
      (await new Machine(fixture).register({ ...activation, ActivationId: '00000000-0000-4000-8000-000000000000' }))
        .json,
    ).toMatchObject({ __type: 'InvalidActivationId' });
    const machine = new Machine(fixture);
    await machine.register(activation);
    await fixture.client.send(new DeleteActivationCommand({ ActivationId: activation.ActivationId }));
    expect((await new Machine(fixture).register(activation)).json).toMatchObject({ __type: 'InvalidActivation' });
    expect(
      await machine.ssm('UpdateInstanceInformation', { InstanceId: machine.nodeId }, await machine.credentials()),
    ).toMatchObject({ status: 200 });

    const brief = await activate({ ExpirationDate: new Date(fixture.clock.now() + 60_000) });
    fixture.clock.advance(60_000);
    expect((await new Machine(fixture).register(brief)).json).toMatchObject({ __type: 'InvalidActivation' });
    expect(JSON.stringify(logged)).not.toContain(activation.ActivationCode);
  });
});

describe("a node's identity", () => {
  test('is its key: a replayed, stale or foreign signature gets nothing, and the log says so', async () => {
    const machine = await Machine.registered(fixture);
    const headers = machine.tokenHeaders();
    expect((await machine.post(headers, machine.tokenBody)).status).toBe(200);
    expect((await machine.post(headers, machine.tokenBody)).json).toMatchObject({
      __type: 'InvalidSignatureException',
    });
    expect(
      (await machine.post(machine.tokenHeaders({ at: new Date(Date.now() - 301_000) }), machine.tokenBody)).json,
    ).toMatchObject({ __type: 'InvalidSignatureException' });
    expect(
      (await machine.post(machine.tokenHeaders({ privateKey: newIdentity().privateKey }), machine.tokenBody)).json,
    ).toMatchObject({ __type: 'AccessDeniedException' });
    expect((await machine.post(machine.tokenHeaders({ host: 'elsewhere:1' }), machine.tokenBody)).json).toMatchObject({
      __type: 'AccessDeniedException',
    });
    expect(
      logged.filter((line) => line.includes('node signature refused') && line.includes(machine.nodeId)),
    ).toHaveLength(4);
  });

  test("is a copy's no longer when the fingerprint differs", async () => {
    const machine = await Machine.registered(fixture);
    const body = { Fingerprint: '00000000-0000-4000-8000-000000000000' };
    const { headers } = { headers: machine.tokenHeaders({ body }) };
    expect((await machine.post(headers, body)).json).toMatchObject({ __type: 'MachineFingerprintDoesNotMatch' });
  });

  test('may speak only for itself, and only as nodes may', async () => {
    const machine = await Machine.registered(fixture);
    const victim = await Machine.registered(fixture);
    const credentials = await machine.credentials();
    for (const [operation, input] of [
      ['UpdateInstanceInformation', { InstanceId: victim.nodeId }],
      ['DeregisterManagedInstance', { InstanceId: victim.nodeId }],
      ['CreateActivation', { IamRole: 'NodeRole' }],
      [
        'AddTagsToResource',
        { ResourceType: 'ManagedInstance', ResourceId: machine.nodeId, Tags: [{ Key: 'role', Value: 'db' }] },
      ],
    ] as const)
      expect((await machine.ssm(operation, input, credentials)).json).toMatchObject({
        __type: 'AccessDeniedException',
      });
  });

  test('ends with its deregistration, credentials that are still young included', async () => {
    const machine = await Machine.registered(fixture);
    const credentials = await machine.credentials();
    await fixture.client.send(new DeregisterManagedInstanceCommand({ InstanceId: machine.nodeId }));
    expect(
      (await machine.ssm('UpdateInstanceInformation', { InstanceId: machine.nodeId }, credentials)).json,
    ).toMatchObject({ __type: 'UnrecognizedClientException' });
    expect((await machine.post(machine.tokenHeaders(), machine.tokenBody)).json).toMatchObject({
      __type: 'AccessDeniedException',
    });
    await expect(
      fixture.client.send(
        new AddTagsToResourceCommand({
          ResourceType: 'ManagedInstance',
          ResourceId: machine.nodeId,
          Tags: [{ Key: 'a', Value: 'b' }],
        }),
      ),
    ).rejects.toMatchObject({ name: 'InvalidResourceId' });
    expect((await fixture.client.send(new DescribeInstanceInformationCommand({}))).InstanceInformationList).toEqual([]);
  });
});
