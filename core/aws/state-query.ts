/** A query of the State port as DynamoDB's, and the cursor between its pages. Pure. */
import type { AttributeValue, QueryCommandInput } from '@aws-sdk/client-dynamodb';
import { StateLimitExceeded, type Query } from '../state.ts';
import type { Item } from './attribute-values.ts';
import { attributes, indexAttributes } from './state-item.ts';

/** All of a query but the table, the limit and where it starts. */
export function queryParts({ pk, index, from, to, prefix, reverse }: Query): Omit<QueryCommandInput, 'TableName'> {
  if (prefix !== undefined && (from !== undefined || to !== undefined)) throw new StateLimitExceeded('a query has a prefix or bounds, not both');
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

/** Bounds that no key lies between: DynamoDB refuses them. */
export function isEmptyRange({ from = '', to }: Pick<Query, 'from' | 'to'>): boolean {
  return to !== undefined && (to === '' || Buffer.compare(Buffer.from(from), Buffer.from(to)) > 0);
}

/** One comparison: DynamoDB takes no second one. */
function sortKeyCondition({ from, to, prefix }: Pick<Query, 'from' | 'to' | 'prefix'>): { readonly expression: string; readonly values: Record<string, AttributeValue> } | undefined {
  // An empty text is no value of a key, and begins them all.
  if (prefix !== undefined) return prefix === '' ? undefined : { expression: 'begins_with(#sk, :prefix)', values: { ':prefix': { S: prefix } } };
  if (from !== undefined && from !== '' && to !== undefined) return { expression: '#sk BETWEEN :from AND :to', values: { ':from': { S: from }, ':to': { S: to } } };
  if (to !== undefined) return { expression: '#sk <= :to', values: { ':to': { S: to } } };
  return from === undefined || from === '' ? undefined : { expression: '#sk >= :from', values: { ':from': { S: from } } };
}

/** All keys are text. */
export function encodeCursor(key: Item): string {
  return Buffer.from(JSON.stringify(Object.fromEntries(Object.entries(key).map(([name, value]) => [name, value.S])))).toString('base64url');
}

export function decodeCursor(cursor: string): Item {
  const key = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as Record<string, string>;
  return Object.fromEntries(Object.entries(key).map(([name, value]) => [name, { S: value }]));
}
