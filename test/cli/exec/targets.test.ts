import { expect, test } from 'vitest';
import { Client } from '../../../cli/client.ts';
import { readTarget, resolveWords } from '../../../cli/exec/targets.ts';

// Ids and tags ask nobody.
const nobody = new Client({
  endpoint: 'http://127.0.0.1:1',
  accessKeyId: 'AKIA',
  secretAccessKey: 'x',
  region: 'us-east-1',
});

test.each([
  ['*', { kind: 'everything' }],
  ['mi-0123456789abcdef0', { kind: 'id', id: 'mi-0123456789abcdef0' }],
  ['i-01234567', { kind: 'id', id: 'i-01234567' }],
  ['mi-sensor', { kind: 'name', name: 'mi-sensor' }],
  ['web1.example.com', { kind: 'name', name: 'web1.example.com' }],
  ['tag:env=prod,stage', { kind: 'tag', key: 'env', values: ['prod', 'stage'] }],
  ['tag:a=b=c', { kind: 'tag', key: 'a', values: ['b=c'] }],
  ['tag:env', { kind: 'tag-key', key: 'env' }],
  ['tag:aws:group=x', { kind: 'tag', key: 'aws:group', values: ['x'] }],
  ['group:web', { kind: 'group', name: 'web' }],
])('%s', (word, expected) => {
  expect(readTarget(word)).toEqual(expected);
});

test('tags narrow, ids add up', async () => {
  expect(await resolveWords(['tag:env=prod', 'tag:role=web', 'group:g'], nobody)).toEqual({
    Targets: [
      { Key: 'tag:env', Values: ['prod'] },
      { Key: 'tag:role', Values: ['web'] },
      { Key: 'resource-groups:Name', Values: ['g'] },
    ],
  });
  expect(await resolveWords(['mi-0123456789abcdef0', 'mi-0123456789abcdef0', 'mi-0123456789abcdef1'], nobody)).toEqual({
    InstanceIds: ['mi-0123456789abcdef0', 'mi-0123456789abcdef1'],
  });
  const many = Array.from({ length: 120 }, (_, place) => `mi-${String(place).padStart(17, '0')}`);
  const { Targets = [] } = await resolveWords(many, nobody);
  expect(Targets.map(({ Key, Values }) => [Key, Values.length])).toEqual([
    ['InstanceIds', 50],
    ['InstanceIds', 50],
    ['InstanceIds', 20],
  ]);
});

test('what makes no sense is refused', async () => {
  expect(() => readTarget('tag:=x')).toThrow(/names no tag/);
  await expect(resolveWords(['*', 'mi-0123456789abcdef0'], nobody)).rejects.toThrow(/not both/);
});
