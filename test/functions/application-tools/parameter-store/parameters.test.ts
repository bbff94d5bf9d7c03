/** Parameters: put, read, selected, labelled, listed, deleted; in AWS's words and in AWS's order of checks. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { taggableParameter } from '../../../../functions/application-tools/parameter-store/taggable.ts';
import { tagOperations } from '../../../../functions/tags/resources.ts';
import { testContext, type TestContext } from '../../../support/context.ts';
import { caller, refusal } from './parameter-store-fixture.ts';

let flotilla: TestContext;
let call: ReturnType<typeof caller>;
beforeEach(() => {
  flotilla = testContext();
  call = caller(flotilla);
});
afterEach(() => flotilla.close());

const put = (Name: string, Value = 'v', more: object = {}) =>
  call('PutParameter', { Name, Value, Type: 'String', ...more });
const overwrite = (Name: string, Value: string, more: object = {}) =>
  call('PutParameter', { Name, Value, Overwrite: true, ...more });
const value = async (Name: string, more: object = {}) =>
  (await call('GetParameter', { Name, ...more })).Parameter!.Value;
const history = async (Name: string) => (await call('GetParameterHistory', { Name, MaxResults: 50 })).Parameters!;

describe('one parameter', () => {
  test('created, overwritten, read by version, label and ARN', async () => {
    expect(await put('/a/b/c', '1')).toEqual({ Version: 1, Tier: 'Standard' });
    await expect(put('/a/b/c', '2')).rejects.toThrow(
      refusal(
        'ParameterAlreadyExists',
        'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
      ),
    );
    expect(await overwrite('/a/b/c', '2', { Description: 'two' })).toEqual({ Version: 2, Tier: 'Standard' });
    const arn = 'arn:aws:ssm:us-east-1:123456789012:parameter/a/b/c';
    expect((await call('GetParameter', { Name: '/a/b/c:1' })).Parameter).toEqual({
      Name: '/a/b/c',
      Type: 'String',
      Value: '1',
      Version: 1,
      Selector: ':1',
      LastModifiedDate: new Date(flotilla.clock.now()),
      ARN: arn,
      DataType: 'text',
    });
    expect((await call('GetParameter', { Name: arn })).Parameter).toMatchObject({
      Name: '/a/b/c',
      Value: '2',
      Version: 2,
    });
    expect((await call('GetParameter', { Name: `${arn}:1` })).Parameter).toMatchObject({ Value: '1', Selector: ':1' });
    await expect(value('/a/b/c:3')).rejects.toThrow(
      refusal(
        'ParameterVersionNotFound',
        'Systems Manager could not find version 3 of /a/b/c. Verify the version and try again.',
      ),
    );
    await expect(value('/a/b')).rejects.toThrow(refusal('ParameterNotFound', 'Parameter /a/b not found.'));
    await expect(value('arn:aws:ssm:us-east-1:999999999999:parameter/a/b/c')).rejects.toThrow(
      refusal('ParameterNotFound'),
    );
    expect(await call('GetParameters', { Names: ['/z', '/a/b/c:1', '/a/b/c', '/a/b/c:Nope'] })).toMatchObject({
      Parameters: [{ Version: 2 }, { Selector: ':1' }],
      InvalidParameters: ['/z', '/a/b/c:Nope'],
    });
    await expect(call('GetParameters', { Names: ['/z', '/z'] })).rejects.toThrow(refusal('ValidationException'));
  });

  test('labels: moved, refused, looked up', async () => {
    await put('/a/b/c', '1');
    await overwrite('/a/b/c', '2');
    expect(await call('LabelParameterVersion', { Name: '/a/b/c', ParameterVersion: 1, Labels: ['Prod'] })).toEqual({
      InvalidLabels: [],
      ParameterVersion: 1,
    });
    await call('LabelParameterVersion', { Name: '/a/b/c', Labels: ['Prod'] });
    expect((await history('/a/b/c')).map(({ Labels }) => Labels)).toEqual([[], ['Prod']]);
    expect(await value('/a/b/c:Prod')).toBe('2');
    await expect(value('/a/b/c:Nope')).rejects.toThrow(
      refusal(
        'ParameterVersionNotFound',
        'Systems Manager could not find label Nope for parameter /a/b/c. Verify the label and try again.',
      ),
    );
    expect(
      await call('LabelParameterVersion', {
        Name: '/a/b/c',
        ParameterVersion: 1,
        Labels: ['1abc', 'aws-x', 'SSMx', 'ok'],
      }),
    ).toEqual({ InvalidLabels: ['1abc', 'aws-x', 'SSMx'], ParameterVersion: 1 });
    expect(await value('/a/b/c:ok')).toBe('1');
    const nine = Array.from({ length: 10 }, (_, at) => `l${at}`);
    await expect(call('LabelParameterVersion', { Name: '/a/b/c', ParameterVersion: 1, Labels: nine })).rejects.toThrow(
      refusal(
        'ParameterVersionLabelLimitExceeded',
        'A parameter version can have maximum 10 labels. Move one or more labels to another version and try again.',
      ),
    );
    await expect(call('LabelParameterVersion', { Name: '/a/b/c', ParameterVersion: 9, Labels: ['x'] })).rejects.toThrow(
      refusal('ParameterVersionNotFound'),
    );
    expect(
      await call('UnlabelParameterVersion', { Name: '/a/b/c', ParameterVersion: 1, Labels: ['ok', 'Prod'] }),
    ).toEqual({ RemovedLabels: ['ok'], InvalidLabels: ['Prod'] });
  });

  test('100 versions are kept; a label holds the oldest', async () => {
    await put('/v', '1');
    for (let version = 2; version <= 100; version++) await overwrite('/v', String(version));
    await call('LabelParameterVersion', { Name: '/v', ParameterVersion: 1, Labels: ['first'] });
    await expect(overwrite('/v', '101')).rejects.toThrow(
      refusal(
        'ParameterMaxVersionLimitExceeded',
        /^You attempted to create a new version of \/v by calling the PutParameter API with the overwrite flag\. Version 1, the oldest version, can't be deleted/,
      ),
    );
    await call('UnlabelParameterVersion', { Name: '/v', ParameterVersion: 1, Labels: ['first'] });
    expect((await overwrite('/v', '101')).Version).toBe(101);
    await expect(value('/v:1')).rejects.toThrow(refusal('ParameterVersionNotFound'));
    const pages: number[][] = [];
    let NextToken: string | undefined;
    do {
      const page = await call('GetParameterHistory', { Name: '/v', MaxResults: 33, NextToken });
      pages.push(page.Parameters!.map(({ Version }) => Version!));
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    expect(pages.flat()).toEqual(Array.from({ length: 100 }, (_, at) => at + 2));
    expect(pages.map((page) => page.length)).toEqual([33, 33, 33, 1]);
  });

  test('deleted with all that belongs to it; the name begins anew', async () => {
    await put('/d', '1', { Tags: [{ Key: 'env', Value: 'test' }] });
    await overwrite('/d', '2');
    await call('LabelParameterVersion', { Name: '/d', Labels: ['x'] });
    expect(await call('DeleteParameter', { Name: '/d' })).toEqual({});
    await expect(call('DeleteParameter', { Name: '/d' })).rejects.toThrow(
      refusal('ParameterNotFound', 'Parameter /d not found.'),
    );
    expect((await put('/d', '3')).Version).toBe(1);
    expect(await history('/d')).toHaveLength(1);
    await expect(value('/d:x')).rejects.toThrow(refusal('ParameterVersionNotFound'));
    expect(await call('DescribeParameters', { ParameterFilters: [{ Key: 'tag:env' }] })).toEqual({ Parameters: [] });
    expect(await call('DeleteParameters', { Names: ['/none', '/d'] })).toEqual({
      DeletedParameters: ['/d'],
      InvalidParameters: ['/none'],
    });
  });

  test('x and /x are one parameter, called as it was created', async () => {
    await put('x', '1');
    await expect(put('/x', '2')).rejects.toThrow(refusal('ParameterAlreadyExists'));
    await overwrite('/x', '2');
    expect((await call('GetParameter', { Name: '/x' })).Parameter).toMatchObject({
      Name: 'x',
      Value: '2',
      ARN: 'arn:aws:ssm:us-east-1:123456789012:parameter/x',
    });
    expect((await call('GetParametersByPath', { Path: '/' })).Parameters).toMatchObject([{ Name: 'x' }]);
  });

  test('tags of its own kind', async () => {
    const tags = tagOperations([taggableParameter]);
    await put('x', '1', { Tags: [{ Key: 'env', Value: 'test' }] });
    await tags.AddTagsToResource(
      { ResourceType: 'Parameter', ResourceId: '/x', Tags: [{ Key: 'app', Value: 'web' }] },
      flotilla.as(),
    );
    expect(await tags.ListTagsForResource({ ResourceType: 'Parameter', ResourceId: 'x' }, flotilla.as())).toEqual({
      TagList: [
        { Key: 'app', Value: 'web' },
        { Key: 'env', Value: 'test' },
      ],
    });
    for (const Values of [['web'], undefined])
      expect(
        (await call('DescribeParameters', { ParameterFilters: [{ Key: 'tag:app', Values }] })).Parameters,
      ).toMatchObject([{ Name: 'x' }]);
    await expect(
      tags.ListTagsForResource({ ResourceType: 'Parameter', ResourceId: '/y' }, flotilla.as()),
    ).rejects.toThrow(refusal('InvalidResourceId'));
    await call('DeleteParameter', { Name: 'x' });
    await expect(
      tags.ListTagsForResource({ ResourceType: 'Parameter', ResourceId: 'x' }, flotilla.as()),
    ).rejects.toThrow(refusal('InvalidResourceId'));
  });
});

describe('refusals, in their order', () => {
  test.each([
    ['/aws/x/y', 'AccessDeniedException', 'No access to reserved parameter name: /aws/x/y.'],
    ['awsome', 'ValidationException', 'Parameter name: can\'t be prefixed with "aws" or "ssm" (case-insensitive).'],
    ['/SSMx', 'ValidationException', 'Parameter name: can\'t be prefixed with "aws" or "ssm" (case-insensitive).'],
    [
      '/ssm/x',
      'ValidationException',
      /^Parameter name: can't be prefixed with "ssm" \(case-insensitive\)\. If formed as a path/,
    ],
    ['a b', 'ValidationException', /formed as a mix of letters, numbers and the following 3 symbols \.-_$/],
    ['/ü', 'ValidationException', /formed as a mix/],
    ['/a//b', 'ValidationException', /formed as a mix/],
    ['a/b', 'ValidationException', 'Parameter name must be a fully qualified name.'],
    ['/a/b/', 'ValidationException', 'Parameter name must not end with slash.'],
    ['/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16', 'HierarchyLevelLimitExceededException', /15 levels/],
    [`/${'n'.repeat(1011)}`, 'ValidationException', /1011/],
  ] as const)('the name %s', async (name, code, message) => {
    await expect(put(name)).rejects.toThrow(refusal(code, message));
  });

  test('15 levels, and blanks around a name', async () => {
    await put('/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15');
    await put('  /blank ');
    expect(await value('/blank')).toBe('v');
  });

  test.each([
    ['n'.repeat(2048), 'ParameterNotFound'],
    [`/${'ü'.repeat(2000)}`, 'ValidationException'],
    ['/\ud800', 'ValidationException'],
    ['/aws/service/'.padEnd(2048, 'x'), 'ParameterNotFound'],
    ['', 'ValidationException'],
    ['/', 'ValidationException'],
    [':1', 'ValidationException'],
    ['arn:aws:ssm:us-east-1:123456789012:parameter', 'ParameterNotFound'],
    ['arn:aws:ssm:us-east-1:123456789012:parameter/', 'ValidationException'],
    ['/a b', 'ValidationException'],
  ] as const)('nothing is found under %j, and nothing breaks', async (Name, code) => {
    await put('/a');
    await expect(value(Name)).rejects.toThrow(refusal(code));
    await expect(call('DeleteParameter', { Name })).rejects.toThrow(refusal(code));
    await expect(call('GetParameterHistory', { Name })).rejects.toThrow(refusal(code));
    const several = call('GetParameters', { Names: [Name, '/a'] });
    if (code === 'ValidationException') await expect(several).rejects.toThrow(refusal(code));
    else expect((await several).InvalidParameters).toEqual([Name]);
    const asFilter = Name.slice(0, 1024);
    for (const filter of [
      { Key: 'Name', Values: [asFilter] },
      { Key: 'tag:x', Values: [asFilter.padEnd(1024, 'ü')] },
    ])
      expect((await call('DescribeParameters', { ParameterFilters: [filter] })).Parameters).toEqual([]);
    if (asFilter !== '/' && asFilter !== '')
      expect(
        (
          await call('DescribeParameters', {
            ParameterFilters: [{ Key: 'Name', Option: 'BeginsWith', Values: [asFilter] }],
          })
        ).Parameters,
      ).toEqual([]);
    if (Name.length > 1011)
      await expect(call('GetParametersByPath', { Path: Name, Recursive: true })).rejects.toThrow(
        refusal('ValidationException'),
      );
  });

  test('values, types, tiers', async () => {
    await expect(put('/e', '')).rejects.toThrow(
      refusal(
        'ValidationException',
        "1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1.",
      ),
    );
    await expect(put('/e', '{{ssm:/other}}')).rejects.toThrow(
      refusal('ValidationException', /Nested parameters are not supported/),
    );
    await expect(call('PutParameter', { Name: '/e', Value: 'v' })).rejects.toThrow(
      refusal('ValidationException', 'A parameter type is required when you create a parameter.'),
    );
    await expect(put('/e', 'v', { Overwrite: true, Tags: [{ Key: 'a', Value: 'b' }] })).rejects.toThrow(
      refusal(
        'ValidationException',
        /^Invalid request: tags and overwrite can't be used together\. To create a parameter with tags, please remove overwrite flag\./,
      ),
    );
    await put('/e');
    await expect(overwrite('/e', 'v', { Type: 'SecureString' })).rejects.toThrow(
      refusal('HierarchyTypeMismatchException', /doesn't support changing a parameter type in a hierarchy/),
    );
    await expect(put('/big', 'ä'.repeat(2049))).rejects.toThrow(
      refusal('ValidationException', /^Standard tier parameters support a maximum parameter value of 4096 characters/),
    );
    await put('/fits', 'ä'.repeat(2048));
    expect(await put('/big', 'v'.repeat(4097), { Tier: 'Intelligent-Tiering' })).toEqual({
      Version: 1,
      Tier: 'Advanced',
    });
    expect(await overwrite('/big', 'small')).toEqual({ Version: 2, Tier: 'Advanced' });
    await expect(overwrite('/big', 'small', { Tier: 'Standard' })).rejects.toThrow(
      refusal('ValidationException', /can't downgrade a parameter from the advanced-parameter tier/),
    );
    await expect(overwrite('/big', 'v'.repeat(8193))).rejects.toThrow(refusal('ValidationException', /8192/));
    await expect(put('/key', 'v', { KeyId: 'alias/aws/ssm' })).rejects.toThrow(refusal('ValidationException', /KeyId/));
    await expect(put('/none', 'v', { Name: '/none', KeyId: 'x', Type: 'SecureString' })).rejects.toThrow(
      refusal('InvalidKeyId'),
    );
    expect(
      (await call('DescribeParameters', { ParameterFilters: [{ Key: 'Tier', Values: ['Advanced'] }] })).Parameters!.map(
        ({ Name }) => Name,
      ),
    ).toEqual(['/big']);
  });

  test('allowed patterns are kept, checked and cannot run away', async () => {
    await put('/p', '12', { AllowedPattern: '^\\d+$' });
    await expect(overwrite('/p', 'x')).rejects.toThrow(
      refusal(
        'ParameterPatternMismatchException',
        'Parameter value, cannot be validated against allowedPattern: ^\\d+$',
      ),
    );
    await overwrite('/p', 'x', { AllowedPattern: '[a-z]' });
    await expect(overwrite('/p', 'x', { AllowedPattern: '(' })).rejects.toThrow(
      refusal('InvalidAllowedPatternException'),
    );
    await expect(put('/slow', `${'a'.repeat(40)}!`, { AllowedPattern: '^(a+)+$' })).rejects.toThrow(
      refusal('InvalidAllowedPatternException'),
    );
  });

  test.each([
    ['integer', '12', 'abc'],
    ['boolean', 'true', 'True'],
    ['float', '-1.5e3', '1.5.2'],
    ['binary', 'YWI=', 'YWI'],
    ['hostname', 'a-b.example.com', '-a.example.com'],
    ['email', 'a.b+c@example.com', 'a@b@c'],
    ['ipv4-address', '10.0.0.1', '10.0.0.256'],
    ['ipv6-address', 'fe80::1', '10.0.0.1'],
    ['url', 'https://example.com/a?b=c', 'example.com/a'],
    ['json', '{"a":[1]}', '{a:1}'],
    ['jsonc', '{"a":[1,], // "b"\n "c": "//x", /* d */}', '{a:1}'],
    ['aws:region', 'us-gov-east-1', 'us-east'],
    ['aws:account:id', '123456789012', '12345678901'],
    ['aws:ec2:image', 'ami-0123456789abcdef0', 'ami-1'],
  ])('the data type %s', async (DataType, good, bad) => {
    await put('/t', good, { DataType });
    await expect(overwrite('/t', bad)).rejects.toThrow(
      refusal('ValidationException', `The parameter value is not valid for the data type ${DataType}.`),
    );
  });

  test('data types of lists, unknown ones, and changes', async () => {
    await expect(put('/t', '1', { DataType: 'Text' })).rejects.toThrow(
      refusal(
        'ValidationException',
        'The following data type is not supported: Text (Data type names are all lowercase.)',
      ),
    );
    await expect(put('/t', '1,2,x', { Type: 'StringList', DataType: 'integer' })).rejects.toThrow(
      refusal('ValidationException'),
    );
    await put('/t', '1,2,3', { Type: 'StringList', DataType: 'integer' });
    await overwrite('/t', '1.5,2', { DataType: 'float' });
    await expect(overwrite('/t', 'ami-01234567', { DataType: 'aws:ec2:image' })).rejects.toThrow(
      refusal('ValidationException'),
    );
  });
});

describe('lists', () => {
  const names = ['/a', '/a/b', '/a/b/c', '/a/b-d', '/a/bc', '/ab', '/a/b/c/d', 'root', '/Z/y'];
  beforeEach(async () => {
    for (const name of names) await put(name);
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
  const described = async (ParameterFilters?: object[], more: object = {}) =>
    (await call('DescribeParameters', { ParameterFilters, ...more })).Parameters!.map(({ Name }) => Name!);

  test('by path, one level and all of them', async () => {
    expect(await under('/a')).toEqual(['/a/b', '/a/b-d', '/a/bc']);
    expect(await under('/a/')).toEqual(['/a/b', '/a/b-d', '/a/bc']);
    expect(await under('/a', { Recursive: true })).toEqual(['/a/b', '/a/b-d', '/a/b/c', '/a/b/c/d', '/a/bc']);
    expect(await under('/a/b', { Recursive: true })).toEqual(['/a/b/c', '/a/b/c/d']);
    expect(await under('/')).toEqual(['/a', '/ab', 'root']);
    expect(await under('/', { Recursive: true })).toEqual([
      '/Z/y',
      '/a',
      '/a/b',
      '/a/b-d',
      '/a/b/c',
      '/a/b/c/d',
      '/a/bc',
      '/ab',
      'root',
    ]);
    expect(await under('/none')).toEqual([]);
    await expect(under('a')).rejects.toThrow(
      refusal('ValidationException', /^The parameter doesn't meet the parameter name requirements/),
    );
  });

  test('by path, filtered by type, key and label', async () => {
    await call('PutParameter', { Name: '/a/s', Value: 's', Type: 'SecureString' });
    expect(await under('/a', { ParameterFilters: [{ Key: 'Type', Values: ['SecureString'] }] })).toEqual(['/a/s']);
    expect(
      await under('/a', { ParameterFilters: [{ Key: 'KeyId', Option: 'BeginsWith', Values: ['alias/'] }] }),
    ).toEqual(['/a/s']);
    await call('LabelParameterVersion', { Name: '/a/b', Labels: ['Prod'] });
    await overwrite('/a/b', 'later');
    expect(
      (await call('GetParametersByPath', { Path: '/a', ParameterFilters: [{ Key: 'Label', Values: ['Prod'] }] }))
        .Parameters,
    ).toMatchObject([{ Name: '/a/b', Value: 'v', Version: 1 }]);
    await expect(under('/a', { ParameterFilters: [{ Key: 'Name', Values: ['x'] }] })).rejects.toThrow(
      refusal(
        'InvalidFilterKey',
        'The following filter key is not valid: Name. Valid filter keys include: [Type, KeyId].',
      ),
    );
  });

  test('described with every filter', async () => {
    expect(await described()).toEqual(['/Z/y', '/a', '/a/b', '/a/b-d', '/a/b/c', '/a/b/c/d', '/a/bc', '/ab', 'root']);
    expect(await described([{ Key: 'Name', Values: ['/ab', 'root', '/x'] }])).toEqual(['/ab', 'root']);
    expect(await described([{ Key: 'Name', Option: 'BeginsWith', Values: ['/a/b', '/Z'] }])).toEqual([
      '/Z/y',
      '/a/b',
      '/a/b-d',
      '/a/b/c',
      '/a/b/c/d',
      '/a/bc',
    ]);
    expect(await described([{ Key: 'Name', Option: 'Contains', Values: ['c', 'oo'] }])).toEqual([
      '/a/b/c',
      '/a/b/c/d',
      '/a/bc',
      'root',
    ]);
    expect(await described([{ Key: 'Path', Values: ['/a'] }])).toEqual(['/a/b', '/a/b-d', '/a/bc']);
    expect(await described([{ Key: 'Path', Option: 'Recursive', Values: ['/a/b', '/Z'] }])).toEqual([
      '/Z/y',
      '/a/b/c',
      '/a/b/c/d',
    ]);
    expect(await described([{ Key: 'Type', Values: ['SecureString'] }])).toEqual([]);
    expect(
      await described([
        { Key: 'DataType', Values: ['text'] },
        { Key: 'Name', Values: ['/ab'] },
      ]),
    ).toEqual(['/ab']);
    expect(await described(undefined, { Filters: [{ Key: 'Name', Values: ['/a/b/'] }] })).toEqual([
      '/a/b/c',
      '/a/b/c/d',
    ]);
    expect(await described(undefined, { Shared: true })).toEqual([]);
    const pages: string[] = [];
    let NextToken: string | undefined;
    do {
      const page = await call('DescribeParameters', {
        MaxResults: 2,
        ParameterFilters: [{ Key: 'Name', Option: 'Contains', Values: ['b'] }],
        NextToken,
      });
      pages.push(...page.Parameters!.map(({ Name }) => Name!));
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    expect(pages).toEqual(['/a/b', '/a/b-d', '/a/b/c', '/a/b/c/d', '/a/bc', '/ab']);
  });

  test('filters that are none', async () => {
    const refuse = (filter: object, code: string, message: string | RegExp) =>
      expect(described([filter])).rejects.toThrow(refusal(code, message));
    await refuse(
      { Key: 'Label', Values: ['x'] },
      'InvalidFilterKey',
      'The following filter key is not valid: Label. Valid filter keys include: [Path, Name, Type, KeyId, Tier].',
    );
    await refuse(
      { Key: 'Type' },
      'InvalidFilterValue',
      'The following filter values are missing : null for filter key Name.',
    );
    await refuse(
      { Key: 'Type', Option: 'Contains', Values: ['String'] },
      'InvalidFilterOption',
      'The following filter option is not valid: Contains. Valid options include: [BeginsWith, Equals].',
    );
    await refuse(
      { Key: 'Path', Option: 'Equals', Values: ['/a'] },
      'InvalidFilterOption',
      'The following filter option is not valid: Equals. Valid options include: [Recursive, OneLevel].',
    );
    await refuse(
      { Key: 'Tier', Values: ['Gold'] },
      'InvalidFilterOption',
      'The following filter value is not valid: Gold. Valid values include: [Standard, Advanced, Intelligent-Tiering].',
    );
    await refuse(
      { Key: 'Path', Values: ['/aws'] },
      'ValidationException',
      /^Filters for common parameters can't be prefixed with "aws" or "ssm"/,
    );
    await refuse(
      { Key: 'Path', Values: ['a'] },
      'ValidationException',
      /^The parameter doesn't meet the parameter name requirements/,
    );
    await expect(
      described([
        { Key: 'Type', Values: ['String'] },
        { Key: 'Type', Values: ['String'] },
      ]),
    ).rejects.toThrow(refusal('InvalidFilterKey', /duplicated in the request: Name/));
    await expect(
      described([{ Key: 'Type', Values: ['String'] }], { Filters: [{ Key: 'Type', Values: ['String'] }] }),
    ).rejects.toThrow(
      refusal('ValidationException', 'You can use either Filters or ParameterFilters in a single request.'),
    );
    await expect(call('DescribeParameters', { NextToken: 'AAAA' })).rejects.toThrow(refusal('InvalidNextToken'));
  });
});
