/** Public parameters, and resource policies. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { room as parameterStoreRoom } from '../../../../functions/application-tools/parameter-store/room.ts';
import { testContext, type TestContext } from '../../../support/context.ts';
import { caller, refusal } from './parameter-store-fixture.ts';

const { extensions } = parameterStoreRoom;

let flotilla: TestContext;
let call: ReturnType<typeof caller>;
beforeEach(() => {
  flotilla = testContext();
  call = caller(flotilla);
});
afterEach(() => flotilla.close());

const root = '/aws/service/global-infrastructure';

test('Regions and services, by name and by path', async () => {
  expect((await call('GetParameter', { Name: `${root}/regions/us-east-1/longName` })).Parameter).toMatchObject({
    Value: 'US East (N. Virginia)',
    Type: 'String',
    ARN: `arn:aws:ssm:us-east-1::parameter${root}/regions/us-east-1/longName`,
  });
  expect(
    (await call('GetParameter', { Name: `arn:aws:ssm:us-east-1::parameter${root}/services/ssm` })).Parameter!.Value,
  ).toBe('ssm');
  const regions: string[] = [];
  let NextToken: string | undefined;
  do {
    const page = await call('GetParametersByPath', { Path: `${root}/services/ssm/regions`, NextToken });
    regions.push(...page.Parameters!.map(({ Value }) => Value!));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  expect(regions).toContain('eu-central-1');
  expect(regions).toEqual([...regions].sort());
  expect(new Set(regions).size).toBe(regions.length);
  expect(
    (await call('GetParametersByPath', { Path: `${root}/regions/eu-west-1`, Recursive: false })).Parameters!.map(
      ({ Name }) => Name,
    ),
  ).toContain(`${root}/regions/eu-west-1/longName`);
});

test('what is not here says so, and nothing of AWS’s is listed among one’s own', async () => {
  await expect(call('GetParameter', { Name: '/aws/service/ami-amazon-linux-latest/al2023' })).rejects.toThrow(
    refusal(
      'ParameterNotFound',
      /^Parameter \/aws\/service\/ami-amazon-linux-latest\/al2023 not found\. Of AWS's public parameters/,
    ),
  );
  await expect(call('GetParameter', { Name: `${root}/regions/mars-1` })).rejects.toThrow(
    refusal('ParameterNotFound', `Parameter ${root}/regions/mars-1 not found.`),
  );
  await expect(call('GetParameter', { Name: '/aws/reference/secretsmanager/x' })).rejects.toThrow(
    refusal('ValidationException', 'WithDecryption flag must be True for retrieving a Secret Manager secret.'),
  );
  await expect(call('GetParameter', { Name: '/aws/reference/secretsmanager/x', WithDecryption: true })).rejects.toThrow(
    refusal(
      'ParameterNotFound',
      'An error occurred (ParameterNotFound) when referencing Secrets Manager: Secret /aws/reference/secretsmanager/x not found.',
    ),
  );
  expect(await call('GetParameters', { Names: [`${root}/regions/us-east-1`, '/aws/x'] })).toMatchObject({
    Parameters: [{ Value: 'us-east-1' }],
    InvalidParameters: ['/aws/x'],
  });
  expect((await call('DescribeParameters', {})).Parameters).toEqual([]);
  expect((await call('GetParametersByPath', { Path: '/', Recursive: true })).Parameters).toEqual([]);
  await expect(call('DeleteParameter', { Name: `${root}/regions/us-east-1` })).rejects.toThrow(
    refusal('ParameterNotFound'),
  );
});

test('image ids that were imported, among the others and in their order', async () => {
  const bring = (Parameters: object[]) =>
    extensions['PUT /x/public-parameters']!.run(
      { path: {}, query: new URLSearchParams(), body: { Parameters } },
      flotilla.as(),
    );
  const latest = '/aws/service/ami-amazon-linux-latest';
  const names = [
    `${latest}/al2023-x86_64`,
    `${latest}/al2023-arm64`,
    '/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended',
    '/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id',
    '/aws/service/ecs/zz',
    '/aws/service/hello/x',
  ];
  expect(await bring(names.map((Name) => ({ Name, Value: `ami-${Name.length}`, Type: 'String' })))).toEqual({
    Imported: 6,
  });
  await bring([{ Name: names[0], Value: 'ami-newer' }]);
  expect((await call('GetParameter', { Name: names[0] })).Parameter).toMatchObject({
    Value: 'ami-newer',
    ARN: `arn:aws:ssm:us-east-1::parameter${names[0]}`,
  });
  const under = async (Path: string, more: object = {}) => {
    const found: string[] = [];
    let NextToken: string | undefined;
    do {
      const page = await call('GetParametersByPath', { Path, MaxResults: 2, ...more, NextToken });
      found.push(...page.Parameters!.map(({ Name }) => Name!));
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    return found;
  };
  expect(await under(latest)).toEqual([`${latest}/al2023-arm64`, `${latest}/al2023-x86_64`]);
  expect(await under('/aws/service/ecs')).toEqual(['/aws/service/ecs/zz']);
  expect(await under('/aws/service/ecs', { Recursive: true })).toEqual(names.slice(2, 5));
  expect(await under('/aws/service')).toEqual([]);
  await expect(bring([{ Name: `${root}/regions/mars-1`, Value: 'x' }])).rejects.toThrow(
    refusal('ValidationException', /global-infrastructure/),
  );
  await expect(bring([{ Name: '/app/x', Value: 'x' }])).rejects.toThrow(refusal('ValidationException'));
  await expect(bring([{ Name: names[0], Value: '' }])).rejects.toThrow(refusal('ValidationException'));
});

test('a resource policy: put, read, changed by its hash, deleted', async () => {
  const ResourceArn = 'arn:aws:ssm:us-east-1:123456789012:parameter/shared';
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { AWS: '210987654321' }, Action: ['ssm:GetParameter'], Resource: ResourceArn },
    ],
  });
  await expect(call('PutResourcePolicy', { ResourceArn, Policy })).rejects.toThrow(
    refusal('ResourceNotFoundException'),
  );
  await call('PutParameter', { Name: '/shared', Value: 'v', Type: 'String' });
  await expect(call('PutResourcePolicy', { ResourceArn, Policy })).rejects.toThrow(
    refusal('ResourcePolicyInvalidParameterException', /advanced/),
  );
  await call('PutParameter', { Name: '/shared', Value: 'v', Tier: 'Advanced', Overwrite: true });
  await expect(call('PutResourcePolicy', { ResourceArn, Policy: '{}' })).rejects.toThrow(
    refusal('MalformedResourcePolicyDocumentException'),
  );
  await expect(
    call('GetResourcePolicies', { ResourceArn: 'arn:aws:ssm:us-east-1:123456789012:opsitemgroup/default' }),
  ).rejects.toThrow(refusal('ResourcePolicyInvalidParameterException'));
  const made = await call('PutResourcePolicy', { ResourceArn, Policy });
  expect((await call('GetResourcePolicies', { ResourceArn })).Policies).toEqual([{ ...made, Policy }]);
  await expect(call('PutResourcePolicy', { ResourceArn, Policy })).rejects.toThrow(
    refusal('ResourcePolicyLimitExceededException'),
  );
  const changed = await call('PutResourcePolicy', { ResourceArn, Policy: `${Policy} `, ...made });
  expect(changed.PolicyId).toBe(made.PolicyId);
  await expect(call('PutResourcePolicy', { ResourceArn, Policy, ...made })).rejects.toThrow(
    refusal('ResourcePolicyConflictException'),
  );
  await expect(
    call('DeleteResourcePolicy', { ResourceArn, PolicyId: 'other', PolicyHash: changed.PolicyHash }),
  ).rejects.toThrow(refusal('ResourcePolicyNotFoundException'));
  expect(
    await call('DeleteResourcePolicy', { ResourceArn, PolicyId: changed.PolicyId, PolicyHash: changed.PolicyHash }),
  ).toEqual({});
  expect((await call('GetResourcePolicies', { ResourceArn })).Policies).toEqual([]);
  await call('PutResourcePolicy', { ResourceArn, Policy });
  await call('DeleteParameter', { Name: '/shared' });
  await call('PutParameter', { Name: '/shared', Value: 'v', Type: 'String', Tier: 'Advanced' });
  expect((await call('GetResourcePolicies', { ResourceArn })).Policies).toEqual([]);
});

test('quotas and larger values, where the operator asks for them', async () => {
  const { largestParameter: _none, ...settings } = flotilla.context.settings as typeof flotilla.context.settings & {
    largestParameter?: number;
  };
  const large = caller({
    ...flotilla,
    as: (who) => ({ ...flotilla.as(who), settings: { ...settings, largestParameter: 100_000 } }),
  });
  const Value = 'x'.repeat(100_000);
  await expect(large('PutParameter', { Name: '/large', Value, Type: 'SecureString' })).rejects.toThrow(
    refusal('ValidationException', /4096/),
  );
  await large('PutParameter', { Name: '/large', Value, Type: 'SecureString', Tier: 'Advanced' });
  expect((await large('GetParameter', { Name: '/large', WithDecryption: true })).Parameter!.Value).toBe(Value);
  await expect(large('PutParameter', { Name: '/large', Value: `${Value}x`, Overwrite: true })).rejects.toThrow(
    refusal('ValidationException', /100000/),
  );
});
