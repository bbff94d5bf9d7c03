/** Names that no parameter can have, wherever a request may name one. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { testContext, type TestContext } from '../../../support/context.ts';
import { caller, refusal } from './parameter-store-fixture.ts';

let flotilla: TestContext;
let call: ReturnType<typeof caller>;
beforeEach(() => {
  flotilla = testContext();
  call = caller(flotilla);
});
afterEach(() => flotilla.close());

const subPaths =
  'Parameter name: can\'t be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_';

test.each([
  ['{test}-test', subPaths],
  ['/testing/', 'Parameter name must not end with slash.'],
  ['test/config', 'Parameter name must be a fully qualified name.'],
  ['/a//b', subPaths],
  ['/a b', subPaths],
])('%s is refused as PutParameter refuses it', async (Name, message) => {
  const refused = refusal('ValidationException', message);
  await expect(call('PutParameter', { Name, Value: 'v', Type: 'String' })).rejects.toThrow(refused);
  await expect(call('GetParameter', { Name })).rejects.toThrow(refused);
  await expect(call('GetParameter', { Name: `${Name}:1` })).rejects.toThrow(refused);
  await expect(call('GetParameters', { Names: ['/a', Name] })).rejects.toThrow(refused);
  await expect(call('GetParameterHistory', { Name })).rejects.toThrow(refused);
  await expect(call('LabelParameterVersion', { Name, Labels: ['x'] })).rejects.toThrow(refused);
  await expect(call('UnlabelParameterVersion', { Name, ParameterVersion: 1, Labels: ['x'] })).rejects.toThrow(refused);
  await expect(call('DeleteParameter', { Name })).rejects.toThrow(refused);
  // This one never fails for one of its names.
  expect(await call('DeleteParameters', { Names: [Name] })).toEqual({
    DeletedParameters: [],
    InvalidParameters: [Name],
  });
});

test('what could be a name and is none is not found', async () => {
  for (const Name of ['ssm-x', '/ssm/x', 'aws_x', '/a/b', 'arn:aws:ssm:eu-west-1:123456789012:parameter/a/'])
    await expect(call('GetParameter', { Name })).rejects.toThrow(refusal('ParameterNotFound'));
});

test('DescribeParameters by the beginning of a tag’s value', async () => {
  const put = (Name: string, Tags: { Key: string; Value: string }[]) =>
    call('PutParameter', { Name, Value: 'v', Type: 'String', Tags });
  await put('/a', [{ Key: 'hello', Value: 'world' }]);
  await put('/b', [{ Key: 'hello', Value: 'word' }]);
  await put('/c', [{ Key: 'hello', Value: 'moon' }]);
  await put('/d', [
    { Key: 'other', Value: 'world' },
    { Key: 'hello', Value: '' },
  ]);
  await put('/e/wor', []);
  const names = async (filters: object[], more: object = {}) => {
    const found: (string | undefined)[] = [];
    let NextToken: string | undefined;
    do {
      const page = await call('DescribeParameters', { ParameterFilters: filters, NextToken, ...more });
      found.push(...page.Parameters!.map(({ Name }) => Name));
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    return found;
  };
  const begins = (...Values: string[]) => ({ Key: 'tag:hello', Option: 'BeginsWith', Values });
  expect(await names([begins('wor')])).toEqual(['/a', '/b']);
  expect(await names([begins('wor')], { MaxResults: 1 })).toEqual(['/a', '/b']);
  expect(await names([begins('worl', 'mo')])).toEqual(['/a', '/c']);
  expect(await names([begins('')])).toEqual(['/a', '/b', '/c', '/d']);
  expect(await names([begins()])).toEqual(['/a', '/b', '/c', '/d']);
  expect(await names([begins('World')])).toEqual([]);
  expect(await names([begins('wor'), { Key: 'Name', Values: ['/b'] }])).toEqual(['/b']);
  expect(await names([begins('wor'), { Key: 'tag:other', Values: ['world'] }])).toEqual([]);
  await expect(names([{ Key: 'tag:hello', Option: 'Contains', Values: ['wor'] }])).rejects.toThrow(
    refusal(
      'InvalidFilterOption',
      'The following filter option is not valid: Contains. Valid options include: [BeginsWith, Equals].',
    ),
  );
});
