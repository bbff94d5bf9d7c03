import { afterEach, beforeEach, expect, test } from 'vitest';
import { callAs, serviceCaller } from '../../../core/calls.ts';
import type { Caller } from '../../../core/caller.ts';
import { auditRecords } from '../../support/audit-records.ts';
import { admin, testContext, type TestContext } from '../../support/context.ts';

let opened: TestContext;
beforeEach(() => {
  opened = testContext();
});
afterEach(() => opened.close());

const viewer: Caller = {
  kind: 'person',
  name: 'viewer',
  role: 'viewer',
  accessKeyId: 'AKIAVIEWER',
  arn: 'arn:aws:iam::123456789012:user/viewer',
};

test('a call from inside is carried out and put on record in the name it is made in', async () => {
  const { context } = opened;
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
});

test('a call as the service is put on record as the service’s', async () => {
  const { context } = opened;
  await callAs(context, serviceCaller(context, 'start'), 'ssm', 'PutParameter', {
    Name: '/a',
    Value: 'one',
    Type: 'String',
  });
  expect(await auditRecords(context.state, context.clock.now())).toMatchObject([
    { userIdentity: { type: 'AWSService' } },
  ]);
});

test('it has no more rights than whoever it is made for, and the refusal is on record', async () => {
  const { context } = opened;
  await expect(
    callAs(context, viewer, 'ssm', 'PutParameter', { Name: '/a', Value: 'one', Type: 'String' }),
  ).rejects.toThrow(/viewer is not authorized to perform: ssm:PutParameter/);
  expect(await auditRecords(context.state, context.clock.now())).toMatchObject([
    { errorCode: 'AccessDeniedException', eventName: 'PutParameter' },
  ]);
});

test('it is checked against the model', async () => {
  const { context } = opened;
  await expect(
    callAs(context, admin, 'ssm', 'PutParameter', { Name: '', Value: 'one', Type: 'String' }),
  ).rejects.toThrow(/validation error detected/);
});
