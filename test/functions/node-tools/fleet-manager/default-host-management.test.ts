import { afterEach, beforeEach, expect, test } from 'vitest';
import { defaultHostManagementOperations as operations } from '../../../../functions/node-tools/fleet-manager/default-host-management.ts';
import { settingOf } from '../../../../functions/service-settings/index.ts';
import { testContext, type TestContext } from '../../../support/context.ts';

let fixture: TestContext;
beforeEach(() => (fixture = testContext()));
afterEach(() => fixture.close());

type Input = Parameters<typeof operations.RegisterDefaultHostManagementConfiguration>[0];
const register = (input: Input) => operations.RegisterDefaultHostManagementConfiguration(input, fixture.as());
const role = () => settingOf(fixture.context, '/ssm/managed-instance/default-ec2-instance-management-role');
const refused = { code: 'ValidationException' };

test("the service's own role, another in its place, and none", async () => {
  const own = 'arn:aws:iam::123456789012:role/service-role/AWSSystemsManagerDefaultEC2InstanceManagementRole';
  expect(await register({ PermissionModel: 'SERVICE_MANAGED' })).toEqual({ RoleArn: own });
  expect(await role()).toBe('service-role/AWSSystemsManagerDefaultEC2InstanceManagementRole');
  // The same again replaces nothing.
  expect(await register({ PermissionModel: 'SERVICE_MANAGED' })).toEqual({ RoleArn: own });
  const mine = { PermissionModel: 'SELF_MANAGED', RoleArn: 'arn:aws:iam::123456789012:role/teams/Mine' } as const;
  await expect(register(mine)).rejects.toMatchObject(refused);
  expect(await register({ ...mine, Overwrite: true })).toEqual({ RoleArn: mine.RoleArn });
  expect(await role()).toBe('teams/Mine');
  for (let time = 0; time < 2; time++)
    expect(await operations.DeregisterDefaultHostManagementConfiguration({}, fixture.as())).toEqual({});
  expect(await role()).toBe('$None');
  await register(mine);
});

test.each([
  [{ PermissionModel: 'SERVICE_MANAGED', RoleArn: 'arn:aws:iam::123456789012:role/Mine' }],
  [{ PermissionModel: 'SELF_MANAGED' }],
  [{ PermissionModel: 'SELF_MANAGED', RoleArn: 'Mine' }],
  [{ PermissionModel: 'SELF_MANAGED', RoleArn: 'arn:aws:iam::123456789012:user/Mine' }],
] as const)('%j is refused', async (input) => {
  await expect(register(input)).rejects.toMatchObject(refused);
  expect(await role()).toBe('$None');
});

test('of two at once that register another role one does', async () => {
  const outcomes = await Promise.allSettled(
    ['One', 'Two'].map((name) =>
      register({ PermissionModel: 'SELF_MANAGED', RoleArn: `arn:aws:iam::123456789012:role/${name}` }),
    ),
  );
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});
