/** The AWS command line against the front door, as people will use it. */
import { execFile, execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadModel } from '../../functions/api/model.ts';
import type { ServiceName } from '../../functions/api/services.ts';
import { tables } from '../../functions/api/tables.ts';
import { makeNode } from '../functions/nodes/nodes-fixture.ts';
import { openFrontDoor, type FrontDoor } from '../support/front-door.ts';

const version = (() => {
  try {
    return execFileSync('aws', ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch {
    return undefined;
  }
})();

/**
 * The CLI's name of an operation that is not registered and asks for no input: from the registry, for there are ever
 * fewer.
 */
async function unanswered(service: ServiceName): Promise<string | undefined> {
  const { operations, shapes } = await loadModel(service);
  const found = Object.entries(operations).find(
    ([name, { input }]) => tables.operations[service]?.[name] === undefined && !shapes[input ?? '']?.required?.length,
  );
  return found?.[0].replace(/(?<=[a-z0-9])(?=[A-Z])/g, '-').toLowerCase();
}

let door: FrontDoor;
beforeAll(async () => {
  door = await openFrontDoor();
});
afterAll(() => door.close());

function aws(...argv: string[]): Promise<{ status: number; out: string; error: string }> {
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: door.folder,
    AWS_ENDPOINT_URL: door.endpoint,
    AWS_ACCESS_KEY_ID: door.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: door.credentials.secretAccessKey,
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_PAGER: '',
  };
  return new Promise((resolve) => {
    execFile('aws', [...argv, '--output', 'json'], { env }, (error, out, stderr) =>
      resolve({ status: error === null ? 0 : Number(error.code), out, error: stderr }),
    );
  });
}

describe.skipIf(version === undefined)(`the AWS CLI (${version?.trim() ?? 'absent'})`, () => {
  test('knows who it is', async () => {
    expect(JSON.parse((await aws('sts', 'get-caller-identity')).out)).toEqual({
      UserId: door.credentials.accessKeyId,
      Account: '123456789012',
      Arn: 'arn:aws:iam::123456789012:user/admin',
    });
  });

  test('lists nodes and makes an activation', async () => {
    expect(JSON.parse((await aws('ssm', 'describe-instance-information')).out)).toEqual({
      InstanceInformationList: [],
    });
    const made = JSON.parse(
      (await aws('ssm', 'create-activation', '--iam-role', 'service-role/NodeRole', '--registration-limit', '2')).out,
    ) as { ActivationId: string };
    const listed = JSON.parse((await aws('ssm', 'describe-activations')).out) as {
      ActivationList: { ActivationId: string; RegistrationLimit: number }[];
    };
    expect(listed.ActivationList).toMatchObject([{ ActivationId: made.ActivationId, RegistrationLimit: 2 }]);
  });

  test('makes a resource group, tags it and lists its members page by page', async () => {
    const nodes = [
      await makeNode(door.context, { tags: { role: 'web' } }),
      await makeNode(door.context, { tags: { role: 'web' } }),
      await makeNode(door.context, { tags: { role: 'db' } }),
    ];
    const query = JSON.stringify({
      Type: 'TAG_FILTERS_1_0',
      Query: JSON.stringify({
        ResourceTypeFilters: ['AWS::AllSupported'],
        TagFilters: [{ Key: 'role', Values: ['web'] }],
      }),
    });
    const done = async <Output>(...argv: string[]): Promise<Output> => {
      const { status, out, error } = await aws('resource-groups', ...argv);
      expect([status, error]).toEqual([0, '']);
      return JSON.parse(out) as Output;
    };
    const { Group: group } = await done<{ Group: { GroupArn: string } }>(
      'create-group',
      '--name',
      'web',
      '--resource-query',
      query,
      '--tags',
      'team=shop',
      '--description',
      'The web',
    );
    expect(group).toEqual({
      GroupArn: 'arn:aws:resource-groups:us-east-1:123456789012:group/web',
      Name: 'web',
      Description: 'The web',
    });
    const { Resources: members } = await done<{ Resources: { Identifier: object }[] }>(
      'list-group-resources',
      '--group',
      group.GroupArn,
      '--page-size',
      '1',
      '--filters',
      'Name=resource-type,Values=AWS::SSM::ManagedInstance',
    );
    expect(members.map(({ Identifier }) => Identifier)).toEqual(
      nodes
        .slice(0, 2)
        .sort()
        .map((node) => ({
          ResourceArn: `arn:aws:ssm:us-east-1:123456789012:managed-instance/${node}`,
          ResourceType: 'AWS::SSM::ManagedInstance',
        })),
    );
    expect(await done('search-resources', '--resource-query', query)).toMatchObject({
      ResourceIdentifiers: members.map(({ Identifier }) => Identifier),
    });
    await done('tag', '--arn', group.GroupArn, '--tags', 'env=prod');
    await done('untag', '--arn', group.GroupArn, '--keys', 'team');
    expect(await done('get-tags', '--arn', group.GroupArn)).toEqual({ Arn: group.GroupArn, Tags: { env: 'prod' } });
    expect(await done('list-groups', '--filters', 'Name=resource-type,Values=AWS::AllSupported')).toMatchObject({
      GroupIdentifiers: [{ GroupName: 'web', GroupArn: group.GroupArn }],
    });
    await done('delete-group', '--group-name', 'web');
    expect((await aws('resource-groups', 'get-group', '--group', 'web')).error).toContain(
      '(NotFoundException) when calling the GetGroup operation: Cannot find group: web',
    );
  });

  test('shows errors by their names', async () => {
    const { status, error } = await aws(
      'ssm',
      'delete-activation',
      '--activation-id',
      '11111111-2222-3333-4444-555555555555',
    );
    // Version 1 of the CLI ends with 255, version 2 with 254.
    expect([status >= 254, error]).toEqual([
      true,
      expect.stringContaining('An error occurred (InvalidActivationId) when calling the DeleteActivation operation'),
    ]);
    for (const service of ['ssm', 'appconfig', 'ssm-incidents'] as const) {
      const operation = await unanswered(service);
      if (operation) expect((await aws(service, operation)).error, operation).toContain('(UnknownOperationException)');
    }
  });
});

test.runIf(version === undefined)('the AWS CLI is not installed: its tests were skipped', ({ skip }) => skip());
