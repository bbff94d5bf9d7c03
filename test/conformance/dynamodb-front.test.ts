/**
 * Whether the front over dynalite answers transactions as DynamoDB does: what DynamoDB's documentation says, and the
 * same of moto_server where it is installed.
 */
import {
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  TransactGetItemsCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  type DynamoDBClient,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTable, dynamoClient, hasMoto, startDynamoFront, startMoto, type Endpoint } from '../support/dynamodb.ts';

const TableName = 'flotilla';
const implementations = [
  { title: 'the front over dynalite', moto: false, skip: false, start: startDynamoFront as () => Promise<Endpoint> },
  {
    title: `moto_server${hasMoto ? '' : ' (skipped: moto_server is not installed; the front is checked by itself)'}`,
    moto: true,
    skip: !hasMoto,
    start: startMoto,
  },
];

describe.each(implementations)('transactions of $title', ({ moto, skip, start }) => {
  const it = skip ? test.skip : test;
  /** Rules that moto_server does not keep. */
  const unlessMoto = skip || moto ? test.skip : test;
  let endpoint: Endpoint;
  let client: DynamoDBClient;
  let partitions = 0;
  let pk: string;

  beforeAll(async () => {
    if (skip) return;
    endpoint = await start();
    client = dynamoClient(endpoint);
    await createTable(client, TableName);
  });
  afterAll(() => endpoint?.stop());
  beforeEach(() => {
    pk = `P${++partitions}`;
  });

  const key = (sk: string) => ({ pk: { S: pk }, sk: { S: sk } });
  const put = (sk: string, more: object = {}, n = 1): TransactWriteItem => ({
    Put: { TableName, Item: { ...key(sk), n: { N: `${n}` } }, ...more },
  });
  const add = (sk: string, more: object = {}): TransactWriteItem => ({
    Update: {
      TableName,
      Key: key(sk),
      UpdateExpression: 'ADD n :one',
      ExpressionAttributeValues: { ':one': { N: '1' } },
      ...more,
    },
  });
  const write = (TransactItems: TransactWriteItem[], ClientRequestToken?: string) =>
    client.send(new TransactWriteItemsCommand({ TransactItems, ClientRequestToken }));
  const read = async (sk: string) =>
    (await client.send(new GetItemCommand({ TableName, Key: key(sk), ConsistentRead: true }))).Item?.['n']?.N;
  const absent = { ConditionExpression: 'attribute_not_exists(pk)' };
  const present = { ConditionExpression: 'attribute_exists(pk)' };

  it('put, update, delete and check together', async () => {
    await write([put('old'), put('checked')]);
    await write([
      put('a', absent),
      add('b'),
      { Delete: { TableName, Key: key('old'), ...present } },
      { ConditionCheck: { TableName, Key: key('checked'), ...present } },
    ]);
    expect([await read('a'), await read('b'), await read('old'), await read('checked')]).toEqual([
      '1',
      '1',
      undefined,
      '1',
    ]);
  });

  it('change nothing when one condition fails, and give a reason for each', async () => {
    await write([put('there', {}, 7)]);
    const refused = write([
      put('a'),
      put('there', { ...absent, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }),
      { ConditionCheck: { TableName, Key: key('c'), ...present } },
    ]);
    await expect(refused).rejects.toMatchObject({
      name: 'TransactionCanceledException',
      CancellationReasons: [
        { Code: 'None' },
        { Code: 'ConditionalCheckFailed', Item: { ...key('there'), n: { N: '7' } } },
        { Code: 'ConditionalCheckFailed' },
      ],
    });
    await expect(refused).rejects.toThrow(/\[None, ConditionalCheckFailed, ConditionalCheckFailed\]/);
    expect(await read('a')).toBeUndefined();
  });

  unlessMoto('are made once under one token', async () => {
    const token = `${pk}-token`;
    await write([add('a'), add('b')], token);
    await write([add('a'), add('b')], token);
    expect([await read('a'), await read('b')]).toEqual(['1', '1']);
    await write([add('a'), add('b')], `${token}-2`);
    expect(await read('a')).toBe('2');
  });

  unlessMoto('of one token have one input', async () => {
    const token = `${pk}-token`;
    await write([add('a')], token);
    await expect(write([add('b')], token)).rejects.toMatchObject({ name: 'IdempotentParameterMismatchException' });
  });

  unlessMoto('that were cancelled are tried anew under their token', async () => {
    const token = `${pk}-token`;
    await expect(write([add('a', present)], token)).rejects.toMatchObject({ name: 'TransactionCanceledException' });
    await write([put('a')]);
    await write([add('a', present)], token);
    expect(await read('a')).toBe('2');
  });

  it('have at most 100 items, none twice', async () => {
    await expect(write(Array.from({ length: 101 }, (_, n) => put(`${n}`)))).rejects.toMatchObject({
      name: 'ValidationException',
    });
    await expect(write([put('a'), add('a')])).rejects.toMatchObject({ name: 'ValidationException' });
    await write(Array.from({ length: 100 }, (_, n) => put(`${n}`)));
    expect(await read('99')).toBe('1');
  });

  unlessMoto('have at most 4 MB', async () => {
    const large = (sk: string): TransactWriteItem => ({
      Put: { TableName, Item: { ...key(sk), text: { S: 'x'.repeat(390_000) } } },
    });
    await expect(write(Array.from({ length: 11 }, (_, n) => large(`${n}`)))).rejects.toMatchObject({
      name: 'ValidationException',
    });
    await write(Array.from({ length: 10 }, (_, n) => large(`${n}`)));
  });

  unlessMoto('are cancelled by an addition to what is no number', async () => {
    await client.send(new PutItemCommand({ TableName, Item: { ...key('a'), n: { S: 'text' } } }));
    await expect(write([put('b'), add('a')])).rejects.toMatchObject({
      name: 'TransactionCanceledException',
      CancellationReasons: [{ Code: 'None' }, { Code: 'ValidationError' }],
    });
    expect(await read('b')).toBeUndefined();
  });

  it('read several items as they are at once', async () => {
    await write([put('a'), put('b', {}, 2)]);
    const { Responses } = await client.send(
      new TransactGetItemsCommand({
        TransactItems: ['a', 'gone', 'b'].map((sk) => ({ Get: { TableName, Key: key(sk) } })),
      }),
    );
    expect(Responses?.map(({ Item }) => Item?.['n']?.N)).toEqual(['1', undefined, '2']);
  });

  unlessMoto('conflict when they meet: one is made, the others change nothing', async () => {
    const results = await Promise.allSettled(
      Array.from(
        { length: 8 },
        (_, n) => new TransactWriteItemsCommand({ TransactItems: [add('shared'), put(`own-${n}`)] }),
      ).map((command) => client.send(command)),
    );
    const made = results.filter(({ status }) => status === 'fulfilled').length;
    expect(made).toBeGreaterThan(0);
    expect(await read('shared')).toBe(String(made));
    for (const [n, result] of results.entries()) {
      expect(await read(`own-${n}`)).toBe(result.status === 'fulfilled' ? '1' : undefined);
      if (result.status === 'rejected')
        expect(result.reason).toMatchObject({
          CancellationReasons: [{ Code: 'TransactionConflict' }, { Code: 'None' }],
        });
    }
  });

  unlessMoto('and single writes refuse more than 32 levels of nesting', async () => {
    const nested = (levels: number): { M: object } | { N: string } =>
      levels === 0 ? { N: '1' } : { M: { a: nested(levels - 1) } };
    const item = (levels: number) => ({ ...key('a'), deep: nested(levels) as never });
    await client.send(new PutItemCommand({ TableName, Item: item(32) }));
    for (const refused of [
      client.send(new PutItemCommand({ TableName, Item: item(33) })),
      write([{ Put: { TableName, Item: item(33) } }]),
      client.send(
        new UpdateItemCommand({
          TableName,
          Key: key('a'),
          UpdateExpression: 'SET deep = :deep',
          ExpressionAttributeValues: { ':deep': nested(33) as never },
        }),
      ),
    ])
      await expect(refused).rejects.toMatchObject({
        name: 'ValidationException',
        message: expect.stringContaining('Nesting Levels') as string,
      });
  });

  it('a single write gives the item beside a condition that failed', async () => {
    await write([put('a', {}, 3)]);
    await expect(
      client.send(
        new PutItemCommand({ TableName, Item: key('a'), ...absent, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }),
      ),
    ).rejects.toMatchObject({ name: 'ConditionalCheckFailedException', Item: { n: { N: '3' } } });
    await client.send(new DeleteItemCommand({ TableName, Key: key('a') }));
    expect(await read('a')).toBeUndefined();
  });
});
