import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { HttpRequest } from '../../../../core/http.ts';
import { findAccessKey } from '../../../../core/access-keys.ts';
import type { Caller } from '../../../../core/caller.ts';
import { getNode } from '../../../../functions/nodes/index.ts';
import { taggableNode } from '../../../../functions/nodes/taggable.ts';
import { room as hybridActivationsRoom } from '../../../../functions/node-tools/hybrid-activations/room.ts';
import { tagOperations } from '../../../../functions/tags/resources.ts';
import { testContext, type TestContext } from '../../../support/context.ts';
import { newIdentity, signedByNode } from '../../../support/node-identity.ts';

const operations = hybridActivationsRoom.operations.ssm;
const { agentOperations } = hybridActivationsRoom;

const identity = newIdentity();
const other = newIdentity();
let fixture: TestContext;
let nodeId: string;

beforeEach(async () => {
  fixture = testContext();
  const { ActivationId, ActivationCode } = await operations.CreateActivation(
    { IamRole: 'NodeRole', DefaultInstanceName: 'till', Tags: [{ Key: 'env', Value: 'prod' }] },
    fixture.as(),
  );
  ({ InstanceId: nodeId } = await agentOperations.RegisterManagedInstance(
    {
      ActivationId: ActivationId,
      ActivationCode: ActivationCode,
      PublicKey: identity.publicKey,
      Fingerprint: identity.fingerprint,
    },
    fixture.as({ kind: 'anonymous', arn: 'anonymous' }),
  ));
});
afterEach(() => fixture.close());

const anonymous: Caller = { kind: 'anonymous', arn: 'anonymous' };
const asNode = (id: string): Caller => ({
  kind: 'node',
  nodeId: id,
  accessKeyId: 'ASIATEST',
  arn: `arn:aws:sts::123456789012:assumed-role/NodeRole/${id}`,
});
const token = (request: HttpRequest, Fingerprint = identity.fingerprint) =>
  agentOperations.RequestManagedInstanceRoleToken({ Fingerprint }, { ...fixture.as(anonymous), request });
const tokenRequest = (more: object = {}) =>
  signedByNode({
    nodeId,
    privateKey: identity.privateKey,
    operation: 'RequestManagedInstanceRoleToken',
    body: { Fingerprint: identity.fingerprint },
    ...more,
  });

describe('a node that has registered', () => {
  test("has the activation's name, role and tags, and is announced", async () => {
    expect(await getNode(fixture.context, nodeId)).toMatchObject({
      name: 'till',
      iamRole: 'NodeRole',
      tags: { env: 'prod' },
      pingStatus: 'Inactive',
    });
    const tags = await tagOperations([taggableNode]).ListTagsForResource(
      { ResourceType: 'ManagedInstance', ResourceId: nodeId },
      fixture.as(),
    );
    expect(tags).toEqual({ TagList: [{ Key: 'env', Value: 'prod' }] });
    const [change] = await fixture.state.readChanges(0, 10);
    expect(change?.event).toMatchObject({
      detailType: 'SSM Managed Instance Registration',
      resources: [`arn:aws:ssm:us-east-1:123456789012:managed-instance/${nodeId}`],
      detail: { 'instance-id': nodeId, status: 'REGISTERED' },
    });
  });

  test('gets credentials of an hour for its signature', async () => {
    const before = Date.now();
    const answer = await token(tokenRequest());
    expect(answer.UpdateKeyPair).toBe(false);
    expect(answer.TokenExpirationDate.getTime()).toBeGreaterThanOrEqual(before + 3_600_000);
    expect(answer.SessionToken).not.toBe('');
    expect(await findAccessKey(fixture.context, answer.AccessKeyId)).toMatchObject({
      secretAccessKey: answer.SecretAccessKey,
      caller: { kind: 'node', nodeId },
    });
  });

  test('gets none for the same signature again, so that its agent comes back with a new one', async () => {
    const request = tokenRequest();
    await token(request);
    await expect(token(request)).rejects.toMatchObject({ code: 'InvalidSignatureException' });
    const twice = tokenRequest();
    const outcomes = await Promise.allSettled([token(twice), token(twice)]);
    expect(outcomes.map((outcome) => outcome.status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  test.each([
    ['six minutes ago', () => tokenRequest({ at: new Date(Date.now() - 6 * 60_000) }), 'InvalidSignatureException'],
    ['six minutes ahead', () => tokenRequest({ at: new Date(Date.now() + 6 * 60_000) }), 'InvalidSignatureException'],
    ['another Region', () => tokenRequest({ region: 'eu-west-1' }), 'InvalidSignatureException'],
    ['another key', () => tokenRequest({ privateKey: other.privateKey }), 'AccessDeniedException'],
    ['another body', () => ({ ...tokenRequest(), body: Buffer.from('{}') }), 'AccessDeniedException'],
    ['a node that is none', () => tokenRequest({ nodeId: 'mi-00000000000000000' }), 'AccessDeniedException'],
    ['no signature', () => ({ ...tokenRequest(), headers: {} }), 'AccessDeniedException'],
    ['a signature that is no base64 of one', () => withSignature(tokenRequest(), 'AAAA'), 'AccessDeniedException'],
    ['an unsigned date', () => withoutSigned(tokenRequest(), 'x-amz-date'), 'AccessDeniedException'],
  ])('gets none for a signature of %s', async (_what, request, code) => {
    await expect(token(request())).rejects.toMatchObject({ code });
  });

  test('gets none from a machine with another fingerprint', async () => {
    await expect(
      token(
        signedByNode({
          nodeId,
          privateKey: identity.privateKey,
          operation: 'RequestManagedInstanceRoleToken',
          body: { Fingerprint: 'x' },
        }),
        'x',
      ),
    ).rejects.toMatchObject({ code: 'MachineFingerprintDoesNotMatch' });
  });

  test('changes its key in one step', async () => {
    const change = (privateKey = identity.privateKey) =>
      agentOperations.UpdateManagedInstancePublicKey(
        { NewPublicKey: other.publicKey, NewPublicKeyType: 'Rsa' },
        {
          ...fixture.as(anonymous),
          request: signedByNode({
            nodeId,
            privateKey,
            operation: 'UpdateManagedInstancePublicKey',
            body: { NewPublicKey: other.publicKey, NewPublicKeyType: 'Rsa' },
          }),
        },
      );
    await expect(change(other.privateKey)).rejects.toMatchObject({ code: 'AccessDeniedException' });
    await change();
    await expect(token(tokenRequest())).rejects.toMatchObject({ code: 'AccessDeniedException' });
    await token(tokenRequest({ privateKey: other.privateKey }));
    expect((await fixture.state.readChanges(0, 10)).map(({ event }) => event.detailType)).toEqual([
      'SSM Managed Instance Registration',
      'SSM Managed Instance Public Key Update',
    ]);
  });

  test('speaks for itself only', async () => {
    await agentOperations.UpdateInstanceInformation(
      { InstanceId: nodeId, PlatformType: 'Linux', AgentVersion: '3.3.0.0', AvailabilityZone: '' },
      fixture.as(asNode(nodeId)),
    );
    expect(await getNode(fixture.context, nodeId)).toMatchObject({ pingStatus: 'Online', platformType: 'Linux' });
    await expect(
      agentOperations.UpdateInstanceInformation({ InstanceId: nodeId }, fixture.as(asNode('mi-00000000000000000'))),
    ).rejects.toMatchObject({ code: 'AccessDeniedException' });
    await expect(agentOperations.UpdateInstanceInformation({ InstanceId: nodeId }, fixture.as())).rejects.toMatchObject(
      { code: 'AccessDeniedException' },
    );
  });

  test('can be given another role', async () => {
    await operations.UpdateManagedInstanceRole({ InstanceId: nodeId, IamRole: 'Other' }, fixture.as());
    const { AccessKeyId } = await token(tokenRequest());
    expect((await findAccessKey(fixture.context, AccessKeyId))?.caller.arn).toBe(
      `arn:aws:sts::123456789012:assumed-role/Other/${nodeId}`,
    );
    await expect(
      operations.UpdateManagedInstanceRole({ InstanceId: 'mi-00000000000000000', IamRole: 'Other' }, fixture.as()),
    ).rejects.toMatchObject({ code: 'InvalidInstanceId' });
  });

  test('is gone when it is deregistered: no credentials, old or new, no report, no tags', async () => {
    const { AccessKeyId } = await token(tokenRequest());
    await operations.DeregisterManagedInstance({ InstanceId: nodeId }, fixture.as());
    expect(await findAccessKey(fixture.context, AccessKeyId)).toBeUndefined();
    await expect(token(tokenRequest())).rejects.toMatchObject({ code: 'AccessDeniedException' });
    await expect(
      agentOperations.UpdateInstanceInformation({ InstanceId: nodeId }, fixture.as(asNode(nodeId))),
    ).rejects.toMatchObject({ code: 'InvalidInstanceId' });
    await expect(
      tagOperations([taggableNode]).ListTagsForResource(
        { ResourceType: 'ManagedInstance', ResourceId: nodeId },
        fixture.as(),
      ),
    ).rejects.toMatchObject({ code: 'InvalidResourceId' });
    await expect(operations.DeregisterManagedInstance({ InstanceId: nodeId }, fixture.as())).rejects.toMatchObject({
      code: 'InvalidInstanceId',
    });
    const last = (await fixture.state.readChanges(0, 10)).at(-1);
    expect(last?.event).toMatchObject({
      detailType: 'SSM Managed Instance Deregistration',
      detail: { 'instance-id': nodeId, 'iam-role': 'NodeRole', status: 'DEREGISTERED' },
    });
  });
});

function withSignature(request: HttpRequest, signature: string): HttpRequest {
  return {
    ...request,
    headers: {
      ...request.headers,
      authorization: (request.headers['authorization'] ?? '').replace(/Signature=.*/, `Signature=${signature}`),
    },
  };
}

function withoutSigned(request: HttpRequest, name: string): HttpRequest {
  return {
    ...request,
    headers: { ...request.headers, authorization: (request.headers['authorization'] ?? '').replace(`;${name}`, '') },
  };
}
