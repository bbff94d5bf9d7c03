/** What the State port's writes are as requests of DynamoDB. Pure, but for the names of writes. */
import type { TransactWriteItem, WriteRequest } from '@aws-sdk/client-dynamodb';
import type { OutgoingEvent } from '../core/events.ts';
import { randomIds } from '../core/ids.ts';
import { outboxBody, outboxKey, outboxRetention } from '../core/outbox.ts';
import { checkUpdate } from '../core/state-limits.ts';
import type { Check, Condition, Put, State, Update, Write } from '../core/state.ts';
import { updatedBody } from '../core/state-update.ts';
import type { Item } from './attribute-values.ts';
import { conditionExpression, notExpired, Placeholders, updateExpression } from './state-expressions.ts';
import { attributes, keyItem, toRowItem } from './state-item.ts';

export type BatchWrite = Parameters<State['batch']>[0][number];

/**
 * The items of a transaction.
 * @param anew places of updates whose rows have expired: they are put
 * @param now epoch milliseconds
 */
export function transactItems(
  table: string,
  writes: readonly (Write | Check)[],
  anew: ReadonlySet<number>,
  now: number,
): TransactWriteItem[] {
  const homeless = writes.flatMap((write) => ('delete' in write ? (write.events ?? []) : []));
  // Events of deletes travel with the first row that stays; without one, on a row of their own.
  const carrier = writes.findIndex((write) => 'put' in write || 'update' in write);
  const items = writes.map((write, place) =>
    transactItem(table, write, place === carrier ? homeless : [], anew.has(place), Math.floor(now / 1000)),
  );
  if (homeless.length > 0 && carrier < 0) items.push({ Put: { TableName: table, Item: outboxItem(homeless, now) } });
  return items;
}

/** @param now epoch seconds */
function transactItem(
  table: string,
  write: Write | Check,
  more: readonly OutgoingEvent[],
  anew: boolean,
  now: number,
): TransactWriteItem {
  const placeholders = new Placeholders();
  const conditioned = (condition: string | undefined) => ({
    TableName: table,
    ...placeholders.parts,
    ...(condition === undefined
      ? {}
      : { ConditionExpression: condition, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const }),
  });
  const name = randomIds.uuid();
  if ('update' in write && !anew)
    return {
      Update: {
        TableName: table,
        ...updateParts(write, [...(write.events ?? []), ...more], name, now),
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      },
    };
  const condition = conditionExpression('update' in write ? { row: 'absent' } : write.when, placeholders, now);
  if ('check' in write)
    return {
      ConditionCheck: {
        ...conditioned(condition),
        Key: keyItem(write.check),
        ConditionExpression: condition ?? 'attribute_exists(pk) OR attribute_not_exists(pk)',
      },
    };
  if ('delete' in write) return { Delete: { ...conditioned(condition), Key: keyItem(write.delete) } };
  const put = 'update' in write ? anewPut(write) : write;
  return {
    Put: { ...conditioned(condition), Item: putItem({ ...put, events: [...(put.events ?? []), ...more] }, name) },
  };
}

/** @param write the name by which this write knows its own work again */
export function putItem({ put, body, indexes, expiresAt, events, when }: Put, write: string): Item {
  return toRowItem({ ...put, version: (when?.version ?? 0) + 1, body, indexes, expiresAt, events, write });
}

/** @param now epoch seconds */
export function updateParts(update: Update, events: readonly OutgoingEvent[], write: string, now: number) {
  checkUpdate(update);
  const placeholders = new Placeholders();
  const expression = updateExpression(update, events, write, placeholders);
  const conditions = [
    conditionExpression(update.when, placeholders, now),
    notExpired(placeholders, now),
    `NOT (${placeholders.name(attributes.write)} = ${placeholders.value({ S: write })})`,
  ];
  return {
    Key: keyItem(update.update),
    UpdateExpression: expression,
    ConditionExpression: conditions.filter((condition) => condition !== undefined).join(' AND '),
    ...placeholders.parts,
  };
}

/** An update of a row that has expired: of one that is not there. */
export function anewPut(update: Update): Put {
  const { index1, index2 } = update.indexes ?? {};
  return {
    put: update.update,
    body: updatedBody(undefined, update),
    indexes: { ...(index1 ? { index1 } : {}), ...(index2 ? { index2 } : {}) },
    ...(update.expiresAt === undefined || update.expiresAt === null ? {} : { expiresAt: update.expiresAt }),
    ...(update.events === undefined ? {} : { events: update.events }),
    when: { row: 'absent' },
  };
}

/** Whether a condition holds of a row that is not there. */
export function holdsOfAbsent({ row, version, equals = {}, oneOf = {} }: Condition = {}): boolean {
  return (
    row !== 'present' && version === undefined && Object.keys(equals).length === 0 && Object.keys(oneOf).length === 0
  );
}

function outboxItem(events: readonly OutgoingEvent[], now: number): Item {
  const [first] = events;
  return toRowItem({
    ...outboxKey(now, first?.id ?? ''),
    version: 1,
    body: outboxBody(events),
    expiresAt: Math.floor(now / 1000) + outboxRetention,
  });
}

export function batchRequest(write: BatchWrite): WriteRequest {
  return 'put' in write
    ? {
        PutRequest: {
          Item: toRowItem({
            ...write.put,
            version: 1,
            body: write.body,
            indexes: write.indexes,
            expiresAt: write.expiresAt,
          }),
        },
      }
    : { DeleteRequest: { Key: keyItem(write.delete) } };
}
