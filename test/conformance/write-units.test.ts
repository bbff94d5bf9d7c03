/** What writes cost on DynamoDB, in write units: so that a change that makes them dearer is seen. */
import { PutParameterCommand, SendCommandCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DynamoState } from '../../aws/dynamodb-state.ts';
import { ManualClock } from '../../core/clock.ts';
import type { OutgoingEvent } from '../../core/events.ts';
import type { Check, Write } from '../../core/state.ts';
import { createTable, dynamoClient, startDynamoFront, type FrontServer } from '../support/dynamodb.ts';
import { openFrontDoorOn } from '../support/front-door-on.ts';
import { testStart } from '../support/state.ts';

let front: FrontServer;
let state: DynamoState;
beforeEach(async () => {
  front = await startDynamoFront();
  await createTable(dynamoClient(front), 'flotilla');
  state = new DynamoState({ client: dynamoClient(front), table: 'flotilla', clock: new ManualClock(testStart) });
});
afterEach(() => front.stop());

interface Cost {
  readonly operations: readonly string[];
  readonly table: number;
  readonly indexes: number;
}

async function costOf(work: () => Promise<unknown>): Promise<Cost> {
  const from = front.written.length;
  await work();
  const written = front.written.slice(from);
  return {
    operations: [...new Set(written.map(({ operation }) => operation))],
    table: written.reduce((sum, { table }) => sum + table, 0),
    indexes: written.reduce((sum, { indexes }) => sum + indexes, 0),
  };
}

const key = { pk: 'INVOCATION#1', sk: 'mi-1' };
const indexes = { index1: { pk: 'NODE-COMMANDS#mi-1', sk: '1' } };
const event: OutgoingEvent = { id: '1', detailType: 'Test', time: 1, resources: [], detail: { status: 'Success' } };
const kilobytes = (count: number): string => 'x'.repeat(count * 1024 - 300);
const small = { status: 'Pending' };

describe('a write', () => {
  const single = (write: Write) => () => state.write(write);

  test('of a small row costs one unit, and one for the index where its key is new', async () => {
    expect(await costOf(single({ put: key, body: small }))).toEqual({ operations: ['PutItem'], table: 1, indexes: 0 });
    expect(await costOf(single({ update: key, set: { a: 1 }, indexes }))).toEqual({
      operations: ['UpdateItem'],
      table: 1,
      indexes: 1,
    });
    expect(
      await costOf(single({ update: key, set: { b: 1 }, indexes: { index1: { pk: 'NODE-COMMANDS#mi-1', sk: '2' } } })),
    ).toEqual({ operations: ['UpdateItem'], table: 1, indexes: 2 });
    expect(await costOf(single({ delete: key }))).toEqual({ operations: ['DeleteItem'], table: 1, indexes: 1 });
  });

  test('costs the index nothing while the row’s index key stays, however large the row', async () => {
    await state.write({ put: key, body: small, indexes });
    expect(await costOf(single({ update: key, set: { output: kilobytes(24) }, events: [event] }))).toEqual({
      operations: ['UpdateItem'],
      table: 24,
      indexes: 0,
    });
    expect(await costOf(single({ put: key, body: { output: kilobytes(24) }, indexes }))).toEqual({
      operations: ['PutItem'],
      table: 24,
      indexes: 0,
    });
  });

  test('alone in a transaction costs what it costs by itself', async () => {
    const alone = (write: Write) => costOf(() => state.transact([write]));
    expect(await alone({ put: key, body: small, when: { row: 'absent' }, events: [event] })).toEqual({
      operations: ['PutItem'],
      table: 1,
      indexes: 0,
    });
    expect(await alone({ update: key, set: { a: 1 } })).toEqual({ operations: ['UpdateItem'], table: 1, indexes: 0 });
    expect(await alone({ delete: key })).toEqual({ operations: ['DeleteItem'], table: 1, indexes: 0 });
  });

  test('in a transaction of several costs twice as much, a check too', async () => {
    const several: (Write | Check)[] = [
      { put: key, body: small },
      { put: { pk: 'P', sk: 'b' }, body: { output: kilobytes(3) } },
      { check: { pk: 'P', sk: 'c' }, when: { row: 'absent' } },
    ];
    expect(await costOf(() => state.transact(several))).toEqual({
      operations: ['TransactWriteItems'],
      table: 10,
      indexes: 0,
    });
  });
});

test('operations of the API stay within what they cost', async () => {
  const flotilla = await openFrontDoorOn(state);
  const ssm = new SSMClient({ endpoint: flotilla.endpoint, region: 'us-east-1', credentials: flotilla.credentials });
  const units = async (work: () => Promise<unknown>): Promise<number> => {
    const { table, indexes: ofIndexes } = await costOf(work);
    return table + ofIndexes;
  };
  // With their audit records, which make a transaction of each.
  const costs = [
    await units(() => ssm.send(new PutParameterCommand({ Name: '/a', Value: 'b', Type: 'String' }))),
    await units(() => ssm.send(new PutParameterCommand({ Name: '/a', Value: 'c', Type: 'String', Overwrite: true }))),
    await units(() =>
      ssm.send(
        new SendCommandCommand({
          DocumentName: 'AWS-RunShellScript',
          Targets: [{ Key: 'tag:Role', Values: ['web'] }],
          Parameters: { commands: ['true'] },
        }),
      ),
    ),
  ];
  costs.forEach((cost, place) => expect(cost).toBeLessThanOrEqual([10, 8, 16][place]!));
  ssm.destroy();
  await flotilla.close();
});
