/** Turns the State port's writes into DynamoDB's requests. Pure, except that writes get random ids. */
import type { TransactWriteItem, TransactWriteItemsCommandInput, WriteRequest } from '@aws-sdk/client-dynamodb';
import type { OutgoingEvent } from '../core/events.ts';
import { randomIds } from '../core/ids.ts';
import { outboxBody, outboxKey, outboxRetention } from '../core/outbox.ts';
import { checkUpdate, keyOf } from '../core/state-limits.ts';
import type { Check, Condition, Key, Put, State, Update, Write } from '../core/state.ts';
import { updatedBody } from '../core/state-update.ts';
import type { Item } from './attribute-values.ts';
import {
  conditionExpression,
  notExpired,
  Placeholders,
  updateExpression,
  writeCondition,
} from './state-expressions.ts';
import { attributes, keyItem, toRowItem } from './state-item.ts';

export type BatchWrite = Parameters<State['batch']>[0][number];

/** A transaction as it is sent. Retries use the same token, so it is made once. */
export interface Transaction {
  readonly input: TransactWriteItemsCommandInput & { readonly ClientRequestToken: string };
  /** A row that has this write id once the transaction is made; none where it only deletes. */
  readonly witness?: { readonly key: Key; readonly write: string } | undefined;
}

/**
 * @param anew positions of updates whose rows have expired: they become puts
 * @param now epoch milliseconds
 */
export function transaction(
  table: string,
  writes: readonly (Write | Check)[],
  anew: ReadonlySet<number>,
  now: number,
): Transaction {
  const write = randomIds.uuid();
  const homeless = writes.flatMap((one) => ('delete' in one ? (one.events ?? []) : []));
  // Events of deletes are stored on the first row that the transaction keeps; without one, on a row of their own.
  const carrier = writes.findIndex((one) => 'put' in one || 'update' in one);
  const items = writes.map((one, index) =>
    transactItem(table, one, index === carrier ? homeless : [], anew.has(index), write, Math.floor(now / 1000)),
  );
  let witness = carrier < 0 ? undefined : { key: keyOf(writes[carrier]!), write };
  if (homeless.length > 0 && carrier < 0) {
    const { key, item } = outboxItem(homeless, write, now);
    items.push({ Put: { TableName: table, Item: item } });
    witness = { key, write };
  }
  return { input: { TransactItems: items, ClientRequestToken: write }, witness };
}

/** @param now epoch seconds */
function transactItem(
  table: string,
  write: Write | Check,
  more: readonly OutgoingEvent[],
  anew: boolean,
  name: string,
  now: number,
): TransactWriteItem {
  if ('update' in write && !anew)
    return {
      Update: {
        TableName: table,
        ...updateParts(write, [...(write.events ?? []), ...more], name, now),
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      },
    };
  const placeholders = new Placeholders();
  const conditioned = (condition: string) => ({
    TableName: table,
    ...placeholders.parts,
    ConditionExpression: condition,
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
  });
  if ('check' in write) {
    const condition = conditionExpression(write.when, placeholders, now);
    return {
      ConditionCheck: {
        ...conditioned(condition ?? 'attribute_exists(pk) OR attribute_not_exists(pk)'),
        Key: keyItem(write.check),
      },
    };
  }
  if ('delete' in write)
    return { Delete: { ...conditioned(writeCondition(write, placeholders, now)), Key: keyItem(write.delete) } };
  const put = 'update' in write ? anewPut(write) : write;
  return {
    Put: {
      ...conditioned(writeCondition(put, placeholders, now)),
      Item: putItem({ ...put, events: [...(put.events ?? []), ...more] }, name),
    },
  };
}

/** @param write the write's id, by which a retry recognizes it */
export function putItem({ put, body, shape, indexes, expiresAt, events, when }: Put, write: string): Item {
  return toRowItem({ ...put, version: (when?.version ?? 0) + 1, body, shape, indexes, expiresAt, events, write });
}

/** @param now epoch seconds */
export function updateParts(update: Update, events: readonly OutgoingEvent[], write: string, now: number) {
  checkUpdate(update);
  const placeholders = new Placeholders();
  const expression = updateExpression(update, events, write, placeholders);
  const conditions = [
    writeCondition(update, placeholders, now),
    notExpired(placeholders, now),
    `NOT (${placeholders.name(attributes.write)} = ${placeholders.value({ S: write })})`,
  ];
  return {
    Key: keyItem(update.update),
    UpdateExpression: expression,
    ConditionExpression: conditions.join(' AND '),
    ...placeholders.parts,
  };
}

/** An update of an expired row, as a put of a new row. */
export function anewPut(update: Update): Put {
  const { index1 } = update.indexes ?? {};
  return {
    put: update.update,
    body: updatedBody(undefined, update),
    shape: update.shape,
    indexes: index1 ? { index1 } : {},
    ...(update.expiresAt === undefined || update.expiresAt === null ? {} : { expiresAt: update.expiresAt }),
    ...(update.events === undefined ? {} : { events: update.events }),
    when: { row: 'absent' },
  };
}

/** Whether a condition is true of an absent row. */
export function isConditionMetByAbsentRow({ row, version, equals = {}, oneOf = {} }: Condition = {}): boolean {
  return (
    row !== 'present' && version === undefined && Object.keys(equals).length === 0 && Object.keys(oneOf).length === 0
  );
}

function outboxItem(
  events: readonly OutgoingEvent[],
  write: string,
  now: number,
): { readonly key: Key; readonly item: Item } {
  const key = outboxKey(now, events[0]?.id ?? '');
  const item = toRowItem({
    ...key,
    version: 1,
    body: outboxBody(events),
    expiresAt: Math.floor(now / 1000) + outboxRetention,
    write,
  });
  return { key, item };
}

export function batchRequest(write: BatchWrite): WriteRequest {
  return 'put' in write
    ? {
        PutRequest: {
          Item: toRowItem({
            ...write.put,
            version: 1,
            body: write.body,
            shape: write.shape,
            indexes: write.indexes,
            expiresAt: write.expiresAt,
          }),
        },
      }
    : { DeleteRequest: { Key: keyItem(write.delete) } };
}
