import { describe, expect, test } from 'vitest';
import { assertOwnNode, assertRole, authorize, isReadOnly, isUnsigned } from '../../core/authorization.ts';
import type { Caller, Role } from '../../core/caller.ts';
import { AccessDeniedException } from '../../core/errors.ts';

const place = { account: '123456789012', region: 'us-east-1' };
const person = (role: Role): Caller => ({
  kind: 'person',
  name: 'ada',
  role,
  accessKeyId: 'AKIA',
  arn: 'arn:aws:iam::123456789012:user/ada',
});
const node: Caller = {
  kind: 'node',
  nodeId: 'mi-1',
  accessKeyId: 'ASIA',
  arn: 'arn:aws:sts::123456789012:assumed-role/Role/mi-1',
};
const stranger: Caller = { kind: 'anonymous', arn: 'anonymous' };
const service: Caller = { kind: 'service', arn: 'service' };

/** The refusal’s text, or undefined where the call is allowed. */
function refusal(
  caller: Caller,
  operation: string,
  input: Record<string, unknown> = {},
  of = 'ssm',
): string | undefined {
  try {
    authorize(caller, { service: of, operation, input, ...place });
    return undefined;
  } catch (error) {
    if (error instanceof AccessDeniedException) return error.message;
    throw error;
  }
}

describe('who may call what', () => {
  test.each<[string, Caller, string, Record<string, unknown>, boolean]>([
    ['an admin anything', person('admin'), 'DeleteDocument', {}, true],
    ['an operator any operation', person('operator'), 'SendCommand', {}, true],
    ['an operator decryption', person('operator'), 'GetParameter', { WithDecryption: true }, true],
    ['a viewer lists', person('viewer'), 'ListCommands', {}, true],
    ['a viewer descriptions', person('viewer'), 'DescribeInstanceInformation', {}, true],
    ['a viewer parameters', person('viewer'), 'GetParameter', { WithDecryption: false }, true],
    ['a viewer no decryption', person('viewer'), 'GetParametersByPath', { WithDecryption: true }, false],
    ['a viewer no commands', person('viewer'), 'SendCommand', {}, false],
    ['a viewer no access tokens', person('viewer'), 'GetAccessToken', {}, false],
    ['a node its own report', node, 'UpdateInstanceInformation', { InstanceId: 'mi-1' }, true],
    ['a node no other’s report', node, 'UpdateInstanceInformation', { InstanceId: 'mi-2' }, false],
    ['a node its own inventory', node, 'PutInventory', { InstanceId: 'mi-1' }, true],
    ['a node no other’s compliance', node, 'PutComplianceItems', { ResourceId: 'mi-2' }, false],
    ['a node documents', node, 'GetDocument', { Name: 'AWS-RunShellScript' }, true],
    ['a node no commands', node, 'SendCommand', { InstanceIds: ['mi-1'] }, false],
    ['a node nothing inherited', node, 'constructor', {}, false],
    ['a stranger registration', stranger, 'RegisterManagedInstance', {}, true],
    ['a stranger nothing else', stranger, 'GetDocument', {}, false],
    ['the service itself anything', service, 'SendCommand', {}, true],
  ])('%s', (_name, caller, operation, input, allowed) => {
    expect(refusal(caller, operation, input) === undefined).toBe(allowed);
  });

  test('the refusal names who, what and on what', () => {
    expect(refusal(person('viewer'), 'SendCommand')).toBe(
      'User: arn:aws:iam::123456789012:user/ada is not authorized to perform: ssm:SendCommand on resource: arn:aws:ssm:us-east-1:123456789012:*',
    );
    expect(refusal(node, 'PutInventory', { InstanceId: 'mi-2' })).toContain(
      'ssm:PutInventory on resource: arn:aws:ssm:us-east-1:123456789012:managed-instance/mi-2',
    );
    expect(refusal(node, 'PutInventory', { InstanceId: 'i-2' })).toContain(
      'on resource: arn:aws:ec2:us-east-1:123456789012:instance/i-2',
    );
    expect(refusal(person('viewer'), 'GetParameter', { Name: '/a/b', WithDecryption: true })).toContain(
      'on resource: arn:aws:ssm:us-east-1:123456789012:parameter/a/b',
    );
    expect(refusal(person('viewer'), 'UpdateDocument', { Name: 'doc' })).toContain(
      'on resource: arn:aws:ssm:us-east-1:123456789012:document/doc',
    );
  });

  test('rooms may ask about a node they learn of later', () => {
    const call = { service: 'ssm', operation: 'SendReply', ...place };
    expect(() => assertOwnNode(node, 'mi-1', call)).not.toThrow();
    expect(() => assertOwnNode(person('operator'), 'mi-2', call)).not.toThrow();
    expect(() => assertOwnNode(node, 'mi-2', call)).toThrow(AccessDeniedException);
  });

  test('extensions are for the roles they name', () => {
    const call = { service: 'flotilla', operation: 'GET /x/keys', ...place };
    expect(() => assertRole(person('admin'), ['admin'], call)).not.toThrow();
    for (const caller of [person('operator'), person('viewer'), node, stranger])
      expect(() => assertRole(caller, ['admin'], call)).toThrow(AccessDeniedException);
  });

  test('what reads and what goes unsigned', () => {
    for (const operation of [
      'GetDocument',
      'ListCommands',
      'DescribeActivations',
      'BatchGetIncidentFindings',
      'SearchResources',
    ])
      expect(isReadOnly(operation)).toBe(true);
    for (const operation of ['SendCommand', 'GetAccessToken', 'StartSession', 'PutInventory'])
      expect(isReadOnly(operation)).toBe(false);
    expect(isUnsigned('ssm', 'RegisterManagedInstance')).toBe(true);
    expect(isUnsigned('sts', 'RegisterManagedInstance')).toBe(false);
    expect(isUnsigned('ssm', 'GetDocument')).toBe(false);
  });
});
