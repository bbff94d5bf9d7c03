import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { room as hybridActivationsRoom } from '../../../../functions/node-tools/hybrid-activations/room.ts';
import { room as serviceSettingsRoom } from '../../../../functions/service-settings/room.ts';
import { testContext, type TestContext } from '../../../support/context.ts';
import { makeNode } from '../../nodes/nodes-fixture.ts';
import { newIdentity } from '../../../support/node-identity.ts';

const operations = hybridActivationsRoom.operations.ssm;
const { agentOperations } = hybridActivationsRoom;
const settings = serviceSettingsRoom.operations.ssm;

const day = 24 * 60 * 60_000;
const identity = newIdentity();
let fixture: TestContext;
beforeEach(() => (fixture = testContext()));
afterEach(() => fixture.close());

const create = (input: object = {}) =>
  operations.CreateActivation({ IamRole: 'service-role/NodeRole', ...input }, fixture.as());
const list = (input: object = {}) => operations.DescribeActivations(input, fixture.as());
const anonymous = () => fixture.as({ kind: 'anonymous', arn: 'anonymous' });
const register = (ActivationId: string | undefined, ActivationCode: string | undefined) =>
  agentOperations.RegisterManagedInstance(
    {
      ActivationId: ActivationId!,
      ActivationCode: ActivationCode!,
      PublicKey: identity.publicKey,
      PublicKeyType: 'Rsa',
      Fingerprint: identity.fingerprint,
    },
    anonymous(),
  );

describe('activations', () => {
  test('are described without their code, which is not kept in the clear', async () => {
    const { ActivationId, ActivationCode } = await create({
      Description: 'shop',
      DefaultInstanceName: 'till',
      Tags: [{ Key: 'env', Value: 'prod' }],
    });
    expect(ActivationCode).toMatch(/^[\w-]{20}$/);
    const { ActivationList } = await list();
    expect(ActivationList).toEqual([
      {
        ActivationId,
        Description: 'shop',
        DefaultInstanceName: 'till',
        IamRole: 'service-role/NodeRole',
        RegistrationLimit: 1,
        RegistrationsCount: 0,
        ExpirationDate: new Date(fixture.clock.now() + day),
        Expired: false,
        CreatedDate: new Date(fixture.clock.now()),
        Tags: [{ Key: 'env', Value: 'prod' }],
      },
    ]);
    const rows = await fixture.state.query({ pk: `ACTIVATION#${ActivationId}` });
    expect(JSON.stringify(rows)).not.toContain(ActivationCode);
  });

  test.each([
    [
      'an ARN for a role',
      { IamRole: 'arn:aws:iam::123456789012:role/NodeRole' },
      /^Not existing role: arn:aws:iam::123456789012:role\/arn:aws/,
    ],
    ['a service-linked role', { IamRole: 'aws-service-role/x' }, /^Not existing role/],
    ['a date that is past', { ExpirationDate: new Date(0) }, /future/],
    ['a date more than 30 days ahead', { ExpirationDate: new Date(Date.UTC(2026, 1, 6)) }, /30 days/],
    ['a reserved tag', { Tags: [{ Key: 'aws:x', Value: '' }] }, /aws:/],
  ])('refuses %s', async (_what, input, message) => {
    await expect(create(input)).rejects.toThrow(message);
  });

  test('are found by each filter, page by page', async () => {
    const ids: string[] = [];
    for (let number = 0; number < 5; number++)
      ids.push(
        (await create({ DefaultInstanceName: number % 2 === 0 ? 'even' : 'odd', IamRole: `Role${number}` }))
          .ActivationId ?? '',
      );
    ids.sort();
    const pages: string[][] = [];
    let NextToken: string | undefined;
    do {
      const page = await list({ MaxResults: 2, ...(NextToken === undefined ? {} : { NextToken }) });
      pages.push((page.ActivationList ?? []).map((activation) => activation.ActivationId ?? ''));
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    expect(pages.map((page) => page.length)).toEqual([2, 2, 1]);
    expect(pages.flat()).toEqual(ids);
    const names = async (filter: object) => (await list({ Filters: [filter], MaxResults: 50 })).ActivationList?.length;
    expect(await names({ FilterKey: 'DefaultInstanceName', FilterValues: ['even'] })).toBe(3);
    expect(await names({ FilterKey: 'IamRole', FilterValues: ['Role1', 'Role2'] })).toBe(2);
    expect(await names({ FilterKey: 'ActivationIds', FilterValues: [ids[3]] })).toBe(1);
    await expect(list({ NextToken: 'made-up' })).rejects.toThrow(expect.objectContaining({ code: 'InvalidNextToken' }));
  });

  test('take as many nodes as they allow, however many come at once', async () => {
    const { ActivationId, ActivationCode } = await create({ RegistrationLimit: 25 });
    const outcomes = await Promise.allSettled(Array.from({ length: 40 }, () => register(ActivationId, ActivationCode)));
    const ids = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value.InstanceId] : []));
    expect(new Set(ids).size).toBe(25);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'InvalidActivation' });
    expect((await list()).ActivationList?.[0]?.RegistrationsCount).toBe(25);
  });

  test('refuse after they expire or are deleted, and are listed expired but not deleted', async () => {
    const expiring = await create();
    fixture.clock.advance(day);
    await expect(register(expiring.ActivationId, expiring.ActivationCode)).rejects.toMatchObject({
      code: 'InvalidActivation',
      message: /expired/,
    });
    expect((await list()).ActivationList?.[0]).toMatchObject({ ActivationId: expiring.ActivationId, Expired: true });

    const deleted = await create();
    await operations.DeleteActivation({ ActivationId: deleted.ActivationId }, fixture.as());
    await expect(register(deleted.ActivationId, deleted.ActivationCode)).rejects.toMatchObject({
      code: 'InvalidActivation',
    });
    expect((await list()).ActivationList?.map((activation) => activation.ActivationId)).toEqual([
      expiring.ActivationId,
    ]);
    await expect(
      operations.DeleteActivation({ ActivationId: deleted.ActivationId }, fixture.as()),
    ).rejects.toMatchObject({ code: 'InvalidActivation' });
    await expect(
      operations.DeleteActivation({ ActivationId: '00000000-0000-4000-8000-000000000000' }, fixture.as()),
    ).rejects.toMatchObject({ code: 'InvalidActivationId' });
  });

  test('are refused with a wrong code, and after ten of them even looked at no more for a minute', async () => {
    const { ActivationId, ActivationCode } = await create();
    for (let time = 0; time < 10; time++)
      await expect(register(ActivationId, 'wrong-wrong-wrong-wr')).rejects.toMatchObject({ code: 'InvalidActivation' });
    await expect(register(ActivationId, ActivationCode)).rejects.toMatchObject({ code: 'ThrottlingException' });
    const elsewhere = { ...anonymous(), request: { ...anonymous().request, sourceIp: '192.0.2.1' } };
    fixture.clock.advance(60_000);
    await expect(
      agentOperations.RegisterManagedInstance(
        { ActivationId: ActivationId, ActivationCode: ActivationCode, PublicKey: identity.publicKey },
        elsewhere,
      ),
    ).resolves.toMatchObject({ InstanceId: expect.stringMatching(/^mi-[0-9a-f]{17}$/) as string });
  });

  test.each([
    ['no key', ''],
    ['something else in base64', Buffer.alloc(294).toString('base64')],
    [
      'a short RSA key',
      'MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAKj34GkxFhD90vcNLYLInFEX6Ppy1tPf9Cnzj4p4WGeKLs1Pt8QuKUpRKfFLfRYC9AIKjbJTWit+CqvjWYzvQwECAwEAAQ==',
    ],
  ])('refuse %s as public key and lose no slot over it', async (_what, PublicKey) => {
    const { ActivationId, ActivationCode } = await create();
    await expect(
      agentOperations.RegisterManagedInstance(
        { ActivationId: ActivationId, ActivationCode: ActivationCode, PublicKey },
        anonymous(),
      ),
    ).rejects.toMatchObject({ code: 'ValidationException' });
    await register(ActivationId, ActivationCode);
  });
});

test("under AWS's quotas the standard tier has 1,000 nodes, the advanced one more", async () => {
  await fixture.close();
  fixture = testContext({ settings: { awsQuotas: true, endpoint: '', nodeEndpoint: '', filesEndpoint: '' } });
  const { ActivationId, ActivationCode } = await create({ RegistrationLimit: 10 });
  for (let number = 0; number < 999; number++) await makeNode(fixture.context);
  await register(ActivationId, ActivationCode);
  await expect(register(ActivationId, ActivationCode)).rejects.toMatchObject({ code: 'ValidationException' });
  await settings.UpdateServiceSetting(
    { SettingId: '/ssm/managed-instance/activation-tier', SettingValue: 'advanced' },
    fixture.as(),
  );
  await register(ActivationId, ActivationCode);
});
