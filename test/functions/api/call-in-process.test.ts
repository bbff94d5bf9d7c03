import { expect, test } from 'vitest';
import { callAs, serviceCaller } from '../../../core/calls.ts';
import type { Caller } from '../../../core/caller.ts';
import { auditRecords } from '../../support/audit-records.ts';
import { admin, testContext } from '../../support/context.ts';

const viewer: Caller = {
  kind: 'person',
  name: 'viewer',
  role: 'viewer',
  accessKeyId: 'AKIAVIEWER',
  arn: 'arn:aws:iam::123456789012:user/viewer',
};

test('a call from inside is carried out and put on record in the name it is made in', async () => {
  const { context, close } = testContext();
  const output = await callAs(context, admin, 'ssm', 'PutParameter', { Name: '/a', Value: 'one', Type: 'String' });
  expect(output.Version).toBe(1);
  const { Parameter } = await callAs(context, viewer, 'ssm', 'GetParameter', { Name: '/a' });
  expect(Parameter?.Value).toBe('one');
  expect(await auditRecords(context.state, context.clock.now())).toMatchObject([
    {
      eventName: 'PutParameter',
      userIdentity: { type: 'IAMUser', userName: 'test' },
      sourceIPAddress: 'ssm.amazonaws.com',
      userAgent: 'ssm.amazonaws.com',
      requestParameters: { name: '/a', type: 'String' },
    },
  ]);
  await close();
});

test('a call as the service is put on record as the service’s', async () => {
  const { context, close } = testContext();
  await callAs(context, serviceCaller(context, 'start'), 'ssm', 'PutParameter', {
    Name: '/a',
    Value: 'one',
    Type: 'String',
  });
  expect(await auditRecords(context.state, context.clock.now())).toMatchObject([
    { userIdentity: { type: 'AWSService' } },
  ]);
  await close();
});

test('it has no more rights than whoever it is made for, and the refusal is on record', async () => {
  const { context, close } = testContext();
  await expect(
    callAs(context, viewer, 'ssm', 'PutParameter', { Name: '/a', Value: 'one', Type: 'String' }),
  ).rejects.toThrow(/viewer is not authorized to perform: ssm:PutParameter/);
  expect(await auditRecords(context.state, context.clock.now())).toMatchObject([
    { errorCode: 'AccessDeniedException', eventName: 'PutParameter' },
  ]);
  await close();
});

test('it is checked against the model', async () => {
  const { context, close } = testContext();
  await expect(
    callAs(context, admin, 'ssm', 'PutParameter', { Name: '', Value: 'one', Type: 'String' }),
  ).rejects.toThrow(/validation error detected/);
  await close();
});
