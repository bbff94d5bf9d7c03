/** Turns a query of the State port into DynamoDB's, with the start of the next page. Pure. */
import type { AttributeValue, QueryCommandInput } from '@aws-sdk/client-dynamodb';
import type { Position } from '../core/state-cursor.ts';
import { StateLimitExceeded, type IndexName, type Query } from '../core/state.ts';
import type { Item } from './attribute-values.ts';
import { attributes, indexAttributes, keyOfItem } from './state-item.ts';

/** The request without table, limit and start. */
export function queryParts({ pk, index, from, to, prefix, reverse }: Query): Omit<QueryCommandInput, 'TableName'> {
  if (prefix !== undefined && (from !== undefined || to !== undefined))
    throw new StateLimitExceeded('a query has a prefix or bounds, not both');
  const names = index === undefined ? { pk: attributes.pk, sk: attributes.sk } : indexAttributes(index);
  const range = sortKeyCondition({ from, to, prefix });
  return {
    ...(index === undefined ? { ConsistentRead: true } : { IndexName: index }),
    KeyConditionExpression: range === undefined ? '#pk = :pk' : `#pk = :pk AND ${range.expression}`,
    ExpressionAttributeNames: { '#pk': names.pk, ...(range === undefined ? {} : { '#sk': names.sk }) },
    ExpressionAttributeValues: { ':pk': { S: pk }, ...range?.values },
    ScanIndexForward: reverse !== true,
  };
}

/** Whether no key can be between the bounds: DynamoDB refuses such a query. */
export function isEmptyRange({ from = '', to }: Pick<Query, 'from' | 'to'>): boolean {
  return to !== undefined && (to === '' || Buffer.compare(Buffer.from(from), Buffer.from(to)) > 0);
}

/** DynamoDB takes only one condition on the sort key. */
function sortKeyCondition({
  from,
  to,
  prefix,
}: Pick<Query, 'from' | 'to' | 'prefix'>):
  { readonly expression: string; readonly values: Record<string, AttributeValue> } | undefined {
  // DynamoDB does not accept an empty text here, and every key has it as prefix.
  if (prefix !== undefined)
    return prefix === ''
      ? undefined
      : { expression: 'begins_with(#sk, :prefix)', values: { ':prefix': { S: prefix } } };
  if (from !== undefined && from !== '' && to !== undefined)
    return { expression: '#sk BETWEEN :from AND :to', values: { ':from': { S: from }, ':to': { S: to } } };
  if (to !== undefined) return { expression: '#sk <= :to', values: { ':to': { S: to } } };
  return from === undefined || from === ''
    ? undefined
    : { expression: '#sk >= :from', values: { ':from': { S: from } } };
}

/** DynamoDB starts after a row's keys: its own, and the index's where an index is asked. */
export function startKey({ row, at }: Position, index: IndexName | undefined): Item {
  const key: Item = { [attributes.pk]: { S: row.pk }, [attributes.sk]: { S: row.sk } };
  if (index === undefined) return key;
  const names = indexAttributes(index);
  return { ...key, [names.pk]: { S: at.pk }, [names.sk]: { S: at.sk } };
}

export function positionOf(key: Item, index: IndexName | undefined): Position {
  const row = keyOfItem(key);
  if (index === undefined) return { row, at: row };
  const names = indexAttributes(index);
  return { row, at: { pk: key[names.pk]?.S ?? '', sk: key[names.sk]?.S ?? '' } };
}
