/** Converts JSON to DynamoDB's attribute values, and back. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';

export type Item = Record<string, AttributeValue>;

/** @throws TypeError for what is not JSON */
export function toAttribute(value: unknown): AttributeValue {
  switch (typeof value) {
    case 'string':
      // Half a surrogate pair cannot be written in UTF-8.
      return { S: value.toWellFormed() };
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError(`${value} is not a JSON number`);
      return { N: String(value) };
    case 'boolean':
      return { BOOL: value };
    case 'object':
      if (value === null) return { NULL: true };
      if (Array.isArray(value)) return { L: value.map((element) => toAttribute(element ?? null)) };
      return { M: toItem(value) };
    default:
      throw new TypeError(`a ${typeof value} is not JSON`);
  }
}

/** Members that are undefined are left out, as in JSON. */
export function toItem(body: object): Item {
  return Object.fromEntries(
    Object.entries(body).flatMap(([name, value]: [string, unknown]) =>
      value === undefined ? [] : [[name, toAttribute(value)]],
    ),
  );
}

export function fromAttribute(value: AttributeValue): unknown {
  if (value.S !== undefined) return value.S;
  if (value.N !== undefined) return Number(value.N);
  if (value.BOOL !== undefined) return value.BOOL;
  if (value.L !== undefined) return value.L.map(fromAttribute);
  if (value.M !== undefined) return fromItem(value.M);
  return null;
}

export function fromItem(item: Item): Record<string, unknown> {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, fromAttribute(value)]));
}
