/** A node that is found to run on Flotilla's own machine after it has been given something, and the rule itself. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findAccessKey, issueKey } from '../../../core/access-keys.ts';
import { assertMayRead, isAdmin } from '../../../core/admin-work.ts';
import type { Caller, Role } from '../../../core/caller.ts';
import { reportOperations } from '../../../functions/node-tools/hybrid-activations/managed-instances.ts';
import { renderCommand } from '../../../functions/node-tools/run-command/messages.ts';
import { sendCommand } from '../../../functions/node-tools/run-command/send-command.ts';
import { agentOperations } from '../../../functions/node-tools/state-manager/agent-operations.ts';
import { createAssociation } from '../../../functions/node-tools/state-manager/associations.ts';
import { progressExecution } from '../../../functions/node-tools/state-manager/execution-job.ts';
import { getNode, isOnlyForAdmins, mayRunOn } from '../../../functions/nodes/index.ts';
import { testContext, type TestContext } from '../../support/context.ts';
import { makeNode } from './nodes-fixture.ts';

let fixture: TestContext;
let nodeId: string;
beforeEach(async () => {
  fixture = testContext();
  nodeId = await makeNode(fixture.context);
});
afterEach(() => fixture.close());

const person = (role: Role): Caller => ({
  kind: 'person',
  role,
  name: role,
  accessKeyId: 'AKIA',
  arn: `arn:user/${role}`,
});
const asNode = (): Caller => ({ kind: 'node', nodeId, accessKeyId: 'ASIA', arn: `arn:node/${nodeId}` });

/** The node reports. @param here what the kernel says of its connection */
async function report(here: boolean, caller = asNode()): Promise<void> {
  const context = fixture.as(caller);
  const request = { ...context.request, fromServiceMachine: async () => here };
  await reportOperations.UpdateInstanceInformation(
    { InstanceId: nodeId, AgentName: 'agent', AgentVersion: '1.0.0.0', PlatformType: 'Linux' },
    { ...context, request },
  );
}

describe('a node that reports from this machine', () => {
  test('takes work only from admins from then on, whatever it says later', async () => {
    await report(false);
    expect(await getNode(fixture.context, nodeId)).toMatchObject({ adminsOnly: false });
    await report(true);
    await report(false);
    expect(await getNode(fixture.context, nodeId)).toMatchObject({ adminsOnly: true });
    expect(await isOnlyForAdmins(fixture.context, nodeId)).toBe(true);
    const shared = { ...fixture.context, settings: { ...fixture.context.settings, shareThisMachine: true } };
    expect(await getNode(shared, nodeId)).toMatchObject({ adminsOnly: false });
    expect(await isOnlyForAdmins(shared, nodeId)).toBe(false);
  });

  test('the keys that it has already read only what admins wrote', async () => {
    const key = await issueKey(fixture.context, { owner: { kind: 'node', nodeId }, expiresAt: Date.now() + 3_600_000 });
    await fixture.state.transact(key.writes);
    const callerNow = async () => (await findAccessKey(fixture.context, key.accessKeyId))!.caller;
    const read = async (byAdmin?: boolean) =>
      assertMayRead(await callerNow(), byAdmin === undefined ? {} : { byAdmin }, 'it', fixture.context.settings);
    await read(false);
    await report(true);
    await expect(read(false)).rejects.toThrow(/not authorized to read it: it was not written by an admin/);
    await expect(read()).rejects.toThrow(/not written by an admin/);
    await read(true);
  });

  test('is not given what an operator sent it before', async () => {
    await report(false);
    const send = async (role: Role) =>
      (
        await sendCommand(
          { DocumentName: 'AWS-RunShellScript', Parameters: { commands: ['id'] }, InstanceIds: [nodeId] },
          fixture.as(person(role)),
        )
      ).Command!.CommandId!;
    const [theirs, ours] = [await send('operator'), await send('admin')];
    await report(true);
    expect(await renderCommand({ commandId: theirs }, nodeId, fixture.context)).toBeUndefined();
    expect(await renderCommand({ commandId: ours }, nodeId, fixture.context)).toMatchObject({ content: /./ });
  });

  test('is not shown what an operator associated with it before', async () => {
    await report(false);
    const associate = async (role: Role): Promise<string> => {
      const { AssociationDescription } = await createAssociation(
        {
          Name: 'AWS-RunShellScript',
          Parameters: { commands: ['id'] },
          Targets: [{ Key: 'InstanceIds', Values: [nodeId] }],
        },
        fixture.as(person(role)),
      );
      return AssociationDescription!.AssociationId!;
    };
    const [theirs, ours] = [await associate('operator'), await associate('admin')];
    for (const id of [theirs, ours]) await settled(id);
    const listed = async () =>
      (await agentOperations.ListInstanceAssociations({ InstanceId: nodeId }, fixture.as(asNode()))).Associations.map(
        ({ AssociationId }) => AssociationId,
      ).sort();
    expect(await listed()).toEqual([theirs, ours].sort());
    await report(true);
    expect(await listed()).toEqual([ours]);
  });
});

/** Gives an association to its nodes, as its timer does. */
async function settled(associationId: string): Promise<void> {
  const row = await fixture.state.get<{ executionId: string }>({
    pk: `ASSOCIATION#${associationId}`,
    sk: 'ASSOCIATION',
  });
  await progressExecution({ associationId, executionId: row!.body.executionId }, fixture.context);
}

test('what runs must all come from admins; absent means no', () => {
  const only = { adminsOnly: true };
  expect(mayRunOn(only, { byAdmin: true }, { byAdmin: true })).toBe(true);
  expect(mayRunOn(only, { byAdmin: true }, { byAdmin: false })).toBe(false);
  expect(mayRunOn(only, { byAdmin: true }, {})).toBe(false);
  expect(mayRunOn({ adminsOnly: false }, {})).toBe(true);
});

test('admins and the service write as admins, nobody else does', () => {
  expect(isAdmin(person('admin'))).toBe(true);
  expect(isAdmin({ kind: 'service', arn: 'service' })).toBe(true);
  expect([person('operator'), person('viewer'), asNode()].map(isAdmin)).toEqual([false, false, false]);
});
